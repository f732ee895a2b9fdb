// node release.ts <project folder>: stops the private database if nobody uses it any more. Started by
// a user of it that exits at once.
import { databaseService } from '../database.ts';
import { release } from '../service.ts';

const [folder = ''] = process.argv.slice(2);
await release(databaseService(folder));
