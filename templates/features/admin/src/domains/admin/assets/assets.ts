// What the pages load. The address holds a hash of what it leads to, so that browsers keep it.
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open, reply, route, stream, type Route } from '#app/http/route.ts';

const styleSheet = asset(
  'admin.css',
  join(import.meta.dirname, 'admin.css'),
  'text/css; charset=utf-8',
);
const script = asset(
  'htmx.js',
  fileURLToPath(import.meta.resolve('htmx.org/dist/htmx.min.js')),
  'text/javascript; charset=utf-8',
);

export const assetUrls = { styleSheet: styleSheet.url, script: script.url };

export function assetRoutes(): Route[] {
  return [styleSheet, script].map(({ path, file, type }) =>
    route({
      method: 'get',
      path,
      summary: `Send ${path}`,
      undocumented: true,
      guard: open,
      answers: { 200: stream(type) },
      handler: async () =>
        reply(200, createReadStream(file), {
          'Cache-Control': 'public, max-age=31536000, immutable',
        }),
    }),
  );
}

function asset(name: string, file: string, type: string) {
  const path = `/admin/assets/${name}` as const;
  const version = createHash('sha256').update(readFileSync(file)).digest('base64url').slice(0, 12);
  return { path, url: `${path}?v=${version}`, file, type };
}
