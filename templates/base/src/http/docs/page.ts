import { html } from 'ghtml';
import type { ErrorKind } from '#app/errors.ts';
import type { RouteGroup } from '../app.ts';
import { methodNotAllowed, notFound } from '../errors.ts';
import type { Route } from '../route.ts';
import { errorsOf, type OpenApiDocument, type Operation } from './openapi.ts';

type JsonSchema = Record<string, unknown>;

/** Renders the documentation as one page that needs no script. */
export function renderDocs(document: OpenApiDocument, groups: readonly RouteGroup[]): string {
  const routes = groups.flatMap((group) => group.routes);
  const errors = new Set([...routes.flatMap(errorsOf), notFound, methodNotAllowed]);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${document.info.title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/docs/docs.css" />
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
        <header>
          <h1>${document.info.title}</h1>
          <p>
            At <code>${document.servers[0]?.url ?? ''}</code>. For programs:
            <a href="/openapi.json">openapi.json</a>
          </p>
        </header>
        <div class="columns">
          <nav aria-label="Contents">
            <ul>
              !${groups.map(contentsOf)}
              <li><a href="#errors">errors</a></li>
            </ul>
          </nav>
          <main id="content">
            !${groups.map((group) => renderGroup(group, document))}
            <section>
              <h2 id="errors">errors</h2>
              <p>
                Every error is answered as <code>application/problem+json</code> (RFC 9457), with
                the request's id, which is also in the header <code>X-Request-Id</code> and in the
                log.
              </p>
              <dl>!${[...errors].toSorted((a, b) => a.status - b.status).map(renderError)}</dl>
            </section>
          </main>
        </div>
      </body>
    </html> `;
}

function contentsOf(group: RouteGroup): string {
  return html`<li>
    <a href="#${group.name}">${group.name}</a>
    <ul>
      !${group.routes.map((route) => html`<li><a href="#${anchor(route)}">${route.summary}</a></li>`)}
    </ul>
  </li>`;
}

function renderGroup(group: RouteGroup, document: OpenApiDocument): string {
  return html`<section>
    <h2 id="${group.name}">${group.name}</h2>
    !${group.routes.map((route) => renderRoute(route, document))}
  </section>`;
}

function renderRoute(route: Route, document: OpenApiDocument): string {
  const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
  const operation = document.paths[path]?.[route.method];
  if (operation === undefined) throw new Error(`${route.path} is not in the document`);
  return html`<article id="${anchor(route)}">
    <h3>${route.summary}</h3>
    <p class="endpoint"><b class="${route.method}">${route.method}</b> <code>${path}</code></p>
    !${operation.security === undefined ? '' : '<p>Needs an access token (<code>Authorization: Bearer …</code>).</p>'}
    !${renderParameters(operation)} !${renderBody(operation, document)}
    !${renderExample(route, operation, document)}
    <ul class="responses">
      !${Object.entries(operation.responses).map(
        ([status, response]) =>
          html`<li>
            <b class="${status.startsWith('2') ? 'good' : 'bad'}">${status}</b>
            !${status.startsWith('2') ? renderAnswer(response.content, document) : errorLinks(route, Number(status))}
          </li>`,
      )}
    </ul>
  </article>`;
}

function renderParameters(operation: Operation): string {
  if (operation.parameters === undefined) return '';
  return html`<ul>
    !${operation.parameters.map(
      ({ name, in: place, required, description, schema }) =>
        html`<li>
          <code>${name}</code> in the ${place},
          ${typeOf(schema)}${required ? '' : ', optional'}${description === undefined ? '' : `: ${description}`}
        </li>`,
    )}
  </ul>`;
}

function renderBody(operation: Operation, document: OpenApiDocument): string {
  const schema = operation.requestBody?.content['application/json']?.schema;
  return schema === undefined
    ? ''
    : html`<p>Body</p>
        !${renderSchema(schema, document)}`;
}

function renderAnswer(
  content: Operation['responses'][string]['content'],
  document: OpenApiDocument,
) {
  const [[type, media] = []] = Object.entries(content ?? {});
  if (type === undefined) return 'no body';
  if (type !== 'application/json') return html`<code>${type}</code>`;
  return renderSchema(media?.schema ?? {}, document);
}

function renderSchema(schema: JsonSchema, document: OpenApiDocument): string {
  const { properties, required = [] } = resolve(schema, document);
  if (properties === undefined) return html`<code>${typeOf(resolve(schema, document))}</code>`;
  return html`<ul class="fields">
    !${Object.entries(properties as Record<string, JsonSchema>).map(([name, field]) => {
      const inner = resolve(field, document);
      const optional = (required as string[]).includes(name) ? '' : ', optional';
      const description =
        typeof inner['description'] === 'string' ? `: ${inner['description']}` : '';
      return html`<li>
        <code>${name}</code> ${typeOf(inner)}${optional}${description}
        !${inner['properties'] === undefined ? '' : renderSchema(inner, document)}
      </li>`;
    })}
  </ul>`;
}

function renderExample(route: Route, operation: Operation, document: OpenApiDocument): string {
  const schema = operation.requestBody?.content['application/json']?.schema;
  const parts = [
    `curl ${route.method === 'get' ? '' : `-X ${route.method.toUpperCase()} `}${document.servers[0]?.url}${route.path}`,
    ...(operation.security === undefined ? [] : [`-H 'Authorization: Bearer '"$TOKEN"`]),
    ...(route.idempotent === undefined ? [] : ['-H "Idempotency-Key: $(uuidgen)"']),
    ...(schema === undefined
      ? []
      : [
          `-H 'Content-Type: application/json'`,
          `-d '${JSON.stringify(exampleOf(schema, document))}'`,
        ]),
  ];
  return html`<pre tabindex="0"><code>${parts.join(' \\\n  ')}</code></pre>`;
}

function exampleOf(schema: JsonSchema, document: OpenApiDocument): unknown {
  const { type, format, properties, examples } = resolve(schema, document);
  if (Array.isArray(examples)) return examples[0];
  if (properties !== undefined) {
    return Object.fromEntries(
      Object.entries(properties as Record<string, JsonSchema>).map(([name, field]) => [
        name,
        exampleOf(field, document),
      ]),
    );
  }
  if (type === 'string') return format === 'email' ? 'you@example.com' : '…';
  if (type === 'integer' || type === 'number') return 1;
  return type === 'boolean' ? true : null;
}

function errorLinks(route: Route, status: number): string {
  return errorsOf(route)
    .filter((error) => error.status === status)
    .map((error) => html`<a href="#error-${error.code}">${error.code}</a>`)
    .join(', ');
}

function renderError(error: ErrorKind): string {
  return html`<dt id="error-${error.code}">
      <b class="bad">${error.status}</b> <code>${error.code}</code>
    </dt>
    <dd>${error.title}</dd>`;
}

function resolve(schema: JsonSchema, document: OpenApiDocument): JsonSchema {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  return document.components.schemas[reference.split('/').at(-1) ?? ''] ?? {};
}

function typeOf(schema: JsonSchema): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].map(String).join(' | ');
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['anyOf'])) return schema['anyOf'].map(typeOf).join(' | ');
  const words = [schema['format'], schema['type']].filter((part) => typeof part === 'string');
  return words.join(' ') + limitsOf(schema);
}

function limitsOf({ minLength, maxLength, minimum, maximum }: JsonSchema): string {
  const limits = [
    typeof minLength === 'number' ? `at least ${minLength} characters` : '',
    typeof maxLength === 'number' ? `at most ${maxLength} characters` : '',
    typeof minimum === 'number' ? `from ${minimum}` : '',
    typeof maximum === 'number' ? `to ${maximum}` : '',
  ].filter((limit) => limit !== '');
  return limits.length === 0 ? '' : ` (${limits.join(', ')})`;
}

function anchor(route: Route): string {
  return `${route.method}-${route.path.replaceAll(/\W+/g, '-').replace(/^-/, '')}`;
}
