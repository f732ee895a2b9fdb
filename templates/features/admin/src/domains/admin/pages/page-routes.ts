// The routes of a page: one that shows it, and one for each of its actions.
import { timingSafeEqual } from 'node:crypto';
import { html as markup } from 'ghtml';
import { z } from 'zod';
import { AppError } from '#app/errors.ts';
import {
  form,
  html,
  redirect,
  reply,
  route,
  type AnswerHeaders,
  type GuardRequest,
  type Route,
} from '#app/http/route.ts';
import type { Services } from '#app/lifecycle.ts';
import { crossSiteRequest } from '#app/http/errors.ts';
import { logFault, toAppError } from '#app/http/problem.ts';
import { parseParams } from '#app/http/validation.ts';
import { mayOperator, type Operator } from '../operator.ts';
import { originOf } from '../sessions/sessions.ts';
import {
  formCode,
  formConfirm,
  formKey,
  formToken,
  renderForm,
  renderProofForm,
} from './components/form.ts';
import { type Action, type AdminPage, type Attempt, errorsOf, type View } from './define-page.ts';
import { errorPage, layout } from './layout.ts';
import { newNonce, pageHeaders } from './page-reply.ts';
import { runOnce } from './run-once.ts';

const Sent = z.record(z.string(), z.string());
type Sent = z.output<typeof Sent>;

/** What every route of the admin area is that answers with a page. */
export const asPage = { undocumented: true, errorPage } as const;

/** The routes of all pages, and of what is no page. */
export function pageRoutes(services: Services, pages: readonly AdminPage[]): Route[] {
  const { guards } = services.admin;

  function show(page: AdminPage) {
    return route({
      ...asPage,
      method: 'get',
      path: addressOf(page),
      summary: `Show the admin page ${page.path}`,
      guard: guards.page(page.permission),
      ...(page.params && { params: page.params }),
      // What was done is for every page to say.
      query: z.record(z.string(), z.string()),
      answers: { 200: html() },
      handler: async ({ identity: operator, params, query: { done, ...query } }) => {
        const path = pathOf(page, params);
        const notice = done === undefined ? undefined : page.actions?.[done]?.done;
        const place = { page, path, operator, params, query: parseQuery(page, query), notice };
        return render(200, await content(place, undefined));
      },
    });
  }

  function act(page: AdminPage, name: string, action: Action) {
    return route({
      ...asPage,
      method: 'post',
      path: `${addressOf(page)}/${name}`,
      summary: `${action.label} on the admin page ${page.path}`,
      guard: guards.action(action),
      params: Sent,
      body: form(Sent),
      answers: { 200: html(), 303: redirect(), 403: html(), 422: html() },
      handler: async ({ params: named, body: sent, request }) => {
        // Once more: who sends a form slowly has time to be signed out, or to lose a right.
        const identity = await guards.action(action).check(request);
        requireToken(identity, sent);
        const params = parseParams(page.params, named);
        const path = pathOf(page, params);
        const proof = await prove(action, identity, sent, request);
        if (proof.outcome !== 'proved') {
          const error =
            proof.outcome === 'wrong' ? 'This code is wrong, or was used before.' : undefined;
          const parts = { name, action, path, operator: identity, sent, error };
          const proofPage = { title: 'Confirm that it is you', content: renderProofForm(parts) };
          return render(403, { operator: identity, page, ...proofPage });
        }
        const { operator, headers } = proof;

        return bringing(headers, async () => {
          const attempt = { action: name, key: sent[formKey] ?? '', values: valuesOf(sent) };
          const refuse = async (errors: Attempt['errors']) => {
            const place = {
              page,
              path,
              operator,
              params,
              query: parseQuery(page, {}),
              notice: undefined,
            };
            return render(422, await content(place, { ...attempt, errors }), headers);
          };
          const input = parseInput(action, sent);
          if (input.errors !== undefined) return refuse(input.errors);
          try {
            const from = originOf(request);
            const context = { services, operator, params, input: input.data, from };
            const outcome = await runOnce(action, context, { path, name, sent });
            // A cookie of the outcome is newer than that of the proof.
            const all = { ...headers, ...outcome?.headers };
            if (outcome !== undefined && 'title' in outcome) {
              const { title, content: shown } = outcome;
              return render(200, { operator, page, title, content: shown }, all);
            }
            const to = outcome !== undefined && 'to' in outcome ? outcome.to : undefined;
            return reply(303, to ?? `${path}?done=${name}`, all);
          } catch (error) {
            if (error instanceof AppError && action.refusals?.includes(error.kind)) {
              return refuse(errorsOf(error));
            }
            throw error;
          }
        });
      },
    });
  }

  /** Has the operator prove once more who it is, where the action needs that. */
  async function prove(action: Action, operator: Operator, sent: Sent, request: GuardRequest) {
    if (action.sensitive !== true || operator.isFresh) {
      return { outcome: 'proved' as const, operator, headers: {} as AnswerHeaders };
    }
    const code = sent[formCode];
    if (code === undefined) return { outcome: 'missing' as const };
    const renewed = await services.admin.prove(operator, code, request);
    return renewed === undefined
      ? { outcome: 'wrong' as const }
      : { outcome: 'proved' as const, ...renewed };
  }

  /**
   * Has the answer to an error bring these headers too: after a proof the session goes on by its new
   * cookie alone.
   */
  async function bringing<T>(headers: AnswerHeaders, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (Object.keys(headers).length === 0) throw thrown;
      const { kind, details } = toAppError(thrown);
      const error = kind({ ...details, headers: { ...headers, ...details.headers } });
      logFault(services.log, thrown, error);
      throw error;
    }
  }

  async function content(place: Place, attempt: Attempt | undefined): Promise<Content> {
    const { page, operator, params, query, notice } = place;
    const data = await page.load({ services, operator, params, query });
    const title = typeof page.title === 'string' ? page.title : page.title(data);
    return { page, operator, title, notice, content: page.view(data, viewOf(place, attempt)) };
  }

  /** Only an operator learns what is a page here and what is not. */
  const unknownPage = route({
    ...asPage,
    method: 'get',
    path: '/admin/*rest',
    summary: 'Say that there is no such page',
    guard: guards.anyOperator,
    answers: { 404: html() },
    handler: async ({ identity: operator }) => {
      const text = markup`<p>There is nothing at this address.</p>`;
      return render(404, { operator, title: 'Not found', content: text });
    },
  });

  function render<Status extends 200 | 403 | 404 | 422>(
    status: Status,
    { page, operator, ...shown }: Content,
    headers: AnswerHeaders = {},
  ) {
    const nonce = newNonce();
    const navigation = pages.flatMap(({ navigation: label, permission, ...each }) =>
      label !== undefined && mayOperator(operator, permission)
        ? [{ label, path: addressOf(each) }]
        : [],
    );
    const current = page === undefined ? '' : addressOf(page);
    const text = layout({ ...shown, nonce, operator, navigation, current });
    return reply(status, text, { ...pageHeaders(nonce), ...headers });
  }

  return [
    ...pages.flatMap((page) => [
      show(page),
      ...Object.entries(page.actions ?? {}).map(([name, action]) => act(page, name, action)),
    ]),
    unknownPage,
  ];
}

interface Place {
  readonly page: AdminPage;
  readonly path: string;
  readonly operator: Operator;
  readonly params: unknown;
  readonly query: unknown;
  readonly notice: string | undefined;
}

interface Content {
  readonly page?: AdminPage;
  readonly operator: Operator;
  readonly title: string;
  readonly content: string;
  readonly notice?: string | undefined;
}

function viewOf({ page, path, operator }: Place, attempt: Attempt | undefined): View {
  return {
    operator,
    path,
    may: (permission) => mayOperator(operator, permission),
    form(name, options = {}) {
      const action = page.actions?.[name];
      if (action === undefined) throw new Error(`The page ${page.path} has no action ${name}`);
      if (!mayOperator(operator, action.permission)) return '';
      return renderForm({ name, action, path, operator, attempt, options });
    },
  };
}

/** Where a page is, with `:name` for a parameter. */
export function addressOf({ path }: Pick<AdminPage, 'path'>): `/${string}` {
  return path === '/' ? '/admin' : `/admin${path}`;
}

function pathOf(page: AdminPage, params: unknown): `/${string}` {
  const values = new Map(Object.entries(params ?? {}));
  return addressOf(page).replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(values.get(name))),
  ) as `/${string}`;
}

/** What a query does not hold in the form that the page takes is left out: a page is shown anyway. */
function parseQuery(page: AdminPage, query: Readonly<Record<string, string>>): unknown {
  const result = page.query?.safeParse(query);
  return result?.success === false ? page.query?.parse({}) : result?.data;
}

/**
 * Takes a form only from a page that this session was shown (OWASP, Cross-Site Request Forgery
 * Prevention, "signed double-submit cookie" by a token that is bound to the session).
 *
 * @throws cross_site_request
 */
export function requireToken({ formToken: expected }: Operator, sent: Sent): void {
  const [given, right] = [Buffer.from(sent[formToken] ?? ''), Buffer.from(expected)];
  if (given.length === right.length && timingSafeEqual(given, right)) return;
  throw crossSiteRequest({
    detail:
      'This form does not belong to your session. Load its page again, and send it from there.',
  });
}

function valuesOf(sent: Sent): Sent {
  return Object.fromEntries(Object.entries(sent).filter(([name]) => !name.startsWith('_')));
}

function parseInput(
  action: Action,
  sent: Sent,
): { data: unknown; errors?: undefined } | { errors: Record<string, string> } {
  const result = action.input?.safeParse(valuesOf(sent));
  const errors = Object.fromEntries(
    (result?.error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]),
  );
  if (action.confirm !== undefined && sent[formConfirm] !== 'on') {
    errors[formConfirm] = 'Tick this box to go on.';
  }
  return Object.keys(errors).length > 0 ? { errors } : { data: result?.data };
}
