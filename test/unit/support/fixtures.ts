import type { ProjectAnswers } from '../../../src/catalog/answers.ts';
import { catalog, type Feature } from '../../../src/catalog/features.ts';
import type { Json } from '../../../src/render/json.ts';
import type { Layer, TemplateFile, Templates } from '../../../src/render/templates.ts';

/** The catalog of the day on which every feature has its templates. */
export const wholeCatalog: readonly Feature[] = catalog.map((feature) => ({
  ...feature,
  offered: true,
}));

/** The answers of a Starter, but for what the test is about. */
export function answersOf(some: Partial<ProjectAnswers> = {}): ProjectAnswers {
  return {
    name: 'my-app',
    tier: 'starter',
    features: [],
    without: [],
    domains: [],
    packageManager: 'npm',
    ...some,
  };
}

/** A layer of these files. */
export function layerOf(
  files: Record<string, TemplateFile>,
  lists: Record<string, readonly Json[]> = {},
): Layer {
  return { files: new Map(Object.entries(files)), lists };
}

/** Templates of a base and nothing else, but for what the test is about. */
export function templatesOf(base: Layer, rest: Partial<Templates> = {}): Templates {
  const none = layerOf({});
  return {
    base,
    features: new Map(),
    deploy: new Map(),
    pairs: new Map(),
    domains: none,
    domain: none,
    domainsAdmin: none,
    domainAdmin: none,
    once: {},
    ...rest,
  };
}
