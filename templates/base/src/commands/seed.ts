// npm run db:seed: gives a development database somebody to sign in as. Safe to repeat.
import { addUser } from '#app/domains/auth/account/add-user.ts';
import { openPasswords } from '#app/domains/auth/passwords.ts';
import { CommandError, runCommand } from './run.ts';
import { databaseCommandSettings, withDatabase } from './with-database.ts';

const demo = { email: 'demo@example.com', password: 'correct horse battery staple' };

await runCommand(databaseCommandSettings, async (settings) => {
  if (process.env['NODE_ENV'] === 'production') {
    throw new CommandError('db:seed makes a user with a known password: it is not for production.');
  }
  await withDatabase(settings, async (database) => {
    const passwordHash = await openPasswords({ NODE_ENV: 'development' }).hash(demo.password);
    const { user, ownerId } = await database.transaction((tx) =>
      addUser(tx, { email: demo.email, passwordHash, isVerified: true }),
    );
    console.log(
      ownerId === user.id
        ? `Made ${demo.email} with the password “${demo.password}”.`
        : `${demo.email} is there already; nothing was changed.`,
    );
  });
});
