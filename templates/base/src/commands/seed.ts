// npm run db:seed: gives a development database somebody to sign in as. Safe to repeat.
import { AppError } from '#app/errors.ts';
import { openDatabase } from '#app/database/database.ts';
import { databaseSettings } from '#app/database/settings.ts';
import { emailTaken } from '#app/domains/auth/errors.ts';
import { registerUser } from '#app/domains/auth/account/registration.ts';
import { openPasswords } from '#app/domains/auth/passwords.ts';
import { CommandError, runCommand } from './run.ts';

const demo = { email: 'demo@example.com', password: 'correct horse battery staple' };

await runCommand(databaseSettings, async (settings) => {
  if (process.env['NODE_ENV'] === 'production') {
    throw new CommandError('db:seed makes a user with a known password: it is not for production.');
  }
  const database = await openDatabase({ settings });
  try {
    await registerUser({ database, passwords: openPasswords() }, demo);
    console.log(`Made ${demo.email} with the password “${demo.password}”.`);
  } catch (error) {
    if (!(error instanceof AppError && error.kind === emailTaken)) throw error;
    console.log(`${demo.email} is there already; nothing was changed.`);
  } finally {
    await database.close();
  }
});
