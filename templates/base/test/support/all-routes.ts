import type { TestService } from './service.ts';

/** A route as the API's own document describes it. */
export interface DescribedRoute {
  readonly method: string;
  /** With `{name}` for a parameter. */
  readonly path: string;
  /** The type of its body, where it takes one. */
  readonly contentType: string | undefined;
  /** The names of the body's fields. */
  readonly fields: readonly string[];
  /** The statuses that it answers with a page. */
  readonly pageStatuses: readonly number[];
}

type Content = Record<string, { schema: { $ref?: string; properties?: object } }>;
interface Described {
  readonly tags: readonly string[];
  readonly requestBody?: { content: Content };
  readonly responses: Record<string, { content?: Content }>;
}

/** Every route of a domain. */
export async function describedRoutes(
  service: TestService,
  domain: string,
): Promise<DescribedRoute[]> {
  const { body: document } = await service.get('/openapi.json');
  return Object.entries(document.paths as Record<string, Record<string, Described>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods)
        .filter(([, { tags }]) => tags.includes(domain))
        .map(([method, { requestBody, responses }]) => {
          const [[contentType, media] = []] = Object.entries(requestBody?.content ?? {});
          const name = media?.schema.$ref?.split('/').at(-1);
          const schema = name === undefined ? media?.schema : document.components.schemas[name];
          return {
            method,
            path,
            contentType,
            fields: Object.keys(schema?.properties ?? {}),
            pageStatuses: Object.keys(responses)
              .filter((status) => responses[status]?.content?.['text/html'] !== undefined)
              .map(Number),
          };
        }),
  );
}
