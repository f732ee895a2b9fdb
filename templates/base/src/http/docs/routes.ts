import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { RouteGroup } from '../app.ts';
import { html, json, open, reply, route, stream, type Route } from '../route.ts';
import type { HttpSettings } from '../settings.ts';
import { describeApi } from './openapi.ts';
import { renderDocs } from './page.ts';
import { service } from '#app/service.ts';

const styleSheet = join(import.meta.dirname, 'docs.css');

/** The API's documentation: for programs at `/openapi.json`, for people at `/docs`. */
export function docsRoutes(settings: HttpSettings, all: readonly RouteGroup[]): Route[] {
  const groups = all.map(documentedOf).filter(({ routes }) => routes.length > 0);
  const document = describeApi({ ...service, origin: settings.APP_ORIGIN }, groups);
  const page = renderDocs(document, groups);
  return [
    route({
      method: 'get',
      path: '/openapi.json',
      summary: 'Describe the API as OpenAPI 3.1',
      guard: open,
      answers: { 200: json(z.looseObject({})) },
      handler: async () => reply(200, { ...document }),
    }),
    route({
      method: 'get',
      path: '/docs',
      summary: 'Describe the API for people',
      guard: open,
      answers: { 200: html() },
      handler: async () => reply(200, page),
    }),
    route({
      method: 'get',
      path: '/docs/docs.css',
      summary: 'Style the documentation',
      guard: open,
      answers: { 200: stream('text/css; charset=utf-8') },
      handler: async () => reply(200, createReadStream(styleSheet)),
    }),
  ];
}

function documentedOf({ name, routes }: RouteGroup): RouteGroup {
  return { name, routes: routes.filter(({ undocumented }) => undocumented !== true) };
}
