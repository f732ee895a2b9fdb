// npm run db:migrate: applies the migrations that the database does not have yet.
import { createConnection } from 'mysql2/promise';
import { migrate } from '#app/database/migrate.ts';
import { readMigrations } from '#app/database/migrations.ts';
import { databaseSettings } from '#app/database/settings.ts';
import { runCommand } from './run.ts';

await runCommand(databaseSettings, async (settings) => {
  const connection = await createConnection({
    uri: settings.MIGRATION_DATABASE_URL ?? settings.DATABASE_URL,
    connectTimeout: 5000,
    timezone: 'Z',
  });
  try {
    let applied = 0;
    await migrate(connection, await readMigrations(), (name) => {
      applied += 1;
      console.log(`applied ${name}`);
    });
    console.log(applied === 0 ? 'Nothing to apply: the database is up to date.' : 'Done.');
  } finally {
    await connection.end();
  }
});
