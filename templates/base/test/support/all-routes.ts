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
  /** Whether it takes a signed-in user. */
  readonly takesUser: boolean;
  /** Whether it refuses who acts in the user's place. */
  readonly isInPerson: boolean;
}

type Content = Record<string, { schema: { $ref?: string; properties?: object } }>;
interface Described {
  readonly tags: readonly string[];
  readonly security?: unknown;
  readonly requestBody?: { content: Content };
  readonly responses: Record<string, { description: string; content?: Content }>;
}

/** Every route of a domain, or of all. */
export async function describedRoutes(
  service: TestService,
  domain?: string,
): Promise<DescribedRoute[]> {
  const { body: document } = await service.get('/openapi.json');
  return Object.entries(document.paths as Record<string, Record<string, Described>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods)
        .filter(([, { tags }]) => domain === undefined || tags.includes(domain))
        .map(([method, { security, requestBody, responses }]) => {
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
            takesUser: security !== undefined,
            isInPerson: responses['403']?.description.includes('`only_in_person`') === true,
          };
        }),
  );
}
