import { defineConfig } from 'drizzle-kit';
import { completeNewMigrations } from './src/commands/db-lint/complete.ts';

const out = './migrations';
completeNewMigrations(out);

export default defineConfig({ dialect: 'mysql', schema: './src/database/schema.ts', out });
