import type { Json, JsonObject } from './json.ts';

/** A file to copy, as text or in UTF-8, or a function from the context to a file's text. */
export type TemplateFile = string | Uint8Array | ((context: object) => string);

/** What one folder of templates adds to a project. */
export interface Layer {
  /** By the path that the file has in a project (without `.hbs`). */
  readonly files: ReadonlyMap<string, TemplateFile>;
  /** Its entries of the list files: strings, or flat objects. */
  readonly lists: Readonly<Record<string, readonly Json[]>>;
}

/** Everything that a version can render. */
export interface Templates {
  /** Of their content: templates of the same id render the same. */
  readonly id?: string | undefined;
  readonly base: Layer;
  /** By the feature's name. */
  readonly features: ReadonlyMap<string, Layer>;
  /** By the target's name; `image` is for all that run one. */
  readonly deploy: ReadonlyMap<string, Layer>;
  /**
   * By `a+b`, the names of two features in catalog order, or of a feature and a part of `deploy`;
   * `a+no-b` is for a project without b.
   */
  readonly pairs: ReadonlyMap<string, Layer>;
  /** What a project with at least one domain of its own needs. */
  readonly domains: Layer;
  /** One domain; `DOMAIN` stands for its name in the paths. */
  readonly domain: Layer;
  /** What a project needs that has pages for such a domain in its admin area. */
  readonly domainsAdmin: Layer;
  /** The pages of one domain. */
  readonly domainAdmin: Layer;
  readonly once: Once;
}

/** What is made for the full set of features, and of which each project gets its part. */
export interface Once {
  /** package-lock.json */
  readonly lock?: JsonObject | undefined;
  readonly migration?: Migration | undefined;
}

/** An initial migration as drizzle-kit writes it. */
export interface Migration {
  readonly sql: string;
  /** migrations/meta/0000_snapshot.json */
  readonly snapshot: JsonObject;
  /** migrations/meta/_journal.json */
  readonly journal: JsonObject;
}
