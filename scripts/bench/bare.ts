// The least that answers with the same row: a route and a statement, nothing around them.

import process from 'node:process';
import express from 'express';
import type { RowDataPacket } from 'mysql2';

import { listen, openPool } from './serve.ts';

const pool = openPool();
const app = express();

app.get('/v1/auth/me', async (_request, response) => {
  const [rows] = await pool.execute<RowDataPacket[]>(
    'SELECT id, account_id AS accountId, email, created_at AS createdAt FROM users WHERE id = ?',
    [process.env['USER_ID'] ?? ''],
  );
  response.json({ user: rows[0] });
});

listen(app);
