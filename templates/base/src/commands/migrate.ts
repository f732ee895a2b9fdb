// npm run db:migrate: applies the migrations that the database does not have yet, and gives the app's
// user its rights on the tables.
import { createConnection } from 'mysql2/promise';
import { migrate } from '#app/database/migrate.ts';
import { readMigrations } from '#app/database/migrations.ts';
import { databaseSettings } from '#app/database/settings.ts';
import { giveAppRights } from './migrate/app-rights.ts';
import { CommandError, runCommand } from './run.ts';

const shape = { ...databaseSettings, DATABASE_URL: databaseSettings.DATABASE_URL.optional() };

await runCommand(shape, async (settings) => {
  const uri = settings.MIGRATION_DATABASE_URL ?? settings.DATABASE_URL;
  if (uri === undefined) {
    throw new CommandError('Neither MIGRATION_DATABASE_URL nor DATABASE_URL is set.');
  }
  const connection = await createConnection({
    uri,
    connectTimeout: 5000,
    timezone: 'Z',
  });
  try {
    let applied = 0;
    await migrate(connection, await readMigrations(), (name) => {
      applied += 1;
      console.log(`applied ${name}`);
    });
    await giveAppRights(
      connection,
      { app: settings.DATABASE_URL, owner: settings.MIGRATION_DATABASE_URL },
      (sentence) => console.log(sentence),
      (sentence) => console.error(sentence),
    );
    console.log(applied === 0 ? 'Nothing to apply: the database is up to date.' : 'Done.');
  } finally {
    await connection.end();
  }
});
