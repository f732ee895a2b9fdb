// What the pages load. The address holds a hash of what it leads to, so that browsers keep it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { open, reply, route, stream, type Route } from '#app/http/route.ts';

const styles = ['frame', 'text', 'lists', 'forms'].map((name) =>
  join(import.meta.dirname, 'styles', `${name}.css`),
);
const htmx = fileURLToPath(import.meta.resolve('htmx.org/dist/htmx.min.js'));

const styleSheet = asset('admin.css', styles, 'text/css; charset=utf-8');
const script = asset('htmx.js', [htmx], 'text/javascript; charset=utf-8');

export const assetUrls = { styleSheet: styleSheet.url, script: script.url };

export function assetRoutes(): Route[] {
  return [styleSheet, script].map(({ path, content, type }) =>
    route({
      method: 'get',
      path,
      summary: `Send ${path}`,
      undocumented: true,
      guard: open,
      answers: { 200: stream(type) },
      handler: async () =>
        reply(200, Readable.from([content]), {
          'Cache-Control': 'public, max-age=31536000, immutable',
        }),
    }),
  );
}

/** @param files what it is made of, in this order */
function asset(name: string, files: readonly string[], type: string) {
  const path = `/admin/assets/${name}` as const;
  const content = Buffer.concat(files.map((file) => readFileSync(file)));
  const version = createHash('sha256').update(content).digest('base64url').slice(0, 12);
  return { path, url: `${path}?v=${version}`, content, type };
}
