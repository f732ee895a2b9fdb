// node release.ts <module> <name> <project folder>: stops the private server of the kind that the
// module exports under this name, if nobody uses it any more. Started by a user of it that exits at
// once.
import type { ServerKind } from './kind.ts';
import { privateServer } from './server.ts';
import { release } from './service.ts';

const [module = '', name = '', folder = ''] = process.argv.slice(2);
const { [name]: kind } = (await import(module)) as Record<string, ServerKind>;
if (!kind) throw new Error(`${module} exports no ${name}.`);
await release(privateServer(kind, folder));
