import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../api/answer.ts';
import { Refusal } from '../api/errors.ts';
import { checkoutPage } from './checkout.ts';
import { dashboardPage } from './dashboard.ts';
import { invoicePage, receiptPage } from './invoice.ts';
import { css, errorLine, page } from './layout.ts';
import type { Page, PageContext } from './page.ts';
import { portalPage } from './portal.ts';

const pages: Record<string, Page> = {
  '': dashboardPage,
  checkout: checkoutPage,
  portal: portalPage,
  invoices: invoicePage,
  receipts: receiptPage,
};

interface PageAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Answers a request of a browser. */
export async function answerPage(
  context: PageContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const form = new URLSearchParams(request.method === 'POST' ? await readBody(request) : '');
  const { status, headers, body } = answerOf(context, request, form);
  if (request.method === 'POST') context.keep();
  response.writeHead(status, headers).end(body);
}

function answerOf(
  context: PageContext,
  { method, url = '/', headers }: IncomingMessage,
  form: URLSearchParams,
): PageAnswer {
  const [, name = '', id = ''] = new URL(url, 'http://fake').pathname.split('/');
  if (name === 'pages.css') {
    return { status: 200, headers: { 'content-type': 'text/css; charset=utf-8' }, body: css };
  }
  const found = pages[name];
  if (!found) return problem(404, 'There is no such page.');
  try {
    if (method !== 'POST') return shown(200, found.show(context, id));
    // Any page that a browser shows could press these buttons.
    if (headers['sec-fetch-site'] === 'cross-site') return problem(403, 'Press it on its page.');
    return pressed(context, found, id, url, form);
  } catch (error) {
    if (error instanceof Refusal) return problem(error.status, error.message);
    throw error;
  }
}

function pressed(
  context: PageContext,
  found: Page,
  id: string,
  url: string,
  form: URLSearchParams,
): PageAnswer {
  const action = form.get('action') ?? '';
  const target = form.get('target') ?? '';
  const choice = form.get('choice') ?? '';
  try {
    const next = found.act?.(context, id, { action, target, choice }) ?? url;
    return { status: 303, headers: { location: next }, body: '' };
  } catch (error) {
    if (error instanceof Refusal)
      return shown(error.status, found.show(context, id, error.message));
    throw error;
  }
}

function problem(status: number, message: string): PageAnswer {
  return shown(status, page('That did not work', errorLine(message)));
}

function shown(status: number, body: string): PageAnswer {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
  };
  return { status, headers, body };
}
