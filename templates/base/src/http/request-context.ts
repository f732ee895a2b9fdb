import { AsyncLocalStorage } from 'node:async_hooks';

/** What is known of the request being handled: for log lines, never for deciding anything. */
export interface RequestContext {
  readonly requestId: string;
  /** Fields that every log line of this request carries; a guard adds who is asking. */
  readonly logFields: Record<string, string>;
  /** Who acts in the place of whoever is asking; a guard adds it, for the audit log. */
  operator?: string;
}

export const requestContext = new AsyncLocalStorage<RequestContext>();
