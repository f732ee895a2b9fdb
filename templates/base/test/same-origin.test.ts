import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { isFromAnotherSite, requireSameOrigin } from '#app/http/same-origin.ts';

const settings = {
  APP_ORIGIN: 'https://app.example.com',
  CORS_ORIGINS: ['https://www.example.com'],
};
const own = settings.APP_ORIGIN;
const listed = 'https://www.example.com';
const evil = 'https://evil.example';

const ours: IncomingHttpHeaders[] = [
  { 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-site': 'same-origin', origin: own },
  { 'sec-fetch-site': 'same-site', origin: listed },
  { 'sec-fetch-site': 'cross-site', origin: listed },
  { origin: own },
  { origin: listed },
];

const notOurs: IncomingHttpHeaders[] = [
  {},
  { 'sec-fetch-site': 'none' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'same-site', origin: own },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'cross-site', origin: own },
  { 'sec-fetch-site': 'cross-site', origin: evil },
  { 'sec-fetch-site': 'cross-site', origin: 'null' },
  { 'sec-fetch-site': 'SAME-ORIGIN' },
  { origin: evil },
  { origin: 'null' },
  { origin: '' },
  { origin: `${own}.evil.example` },
  { origin: own.replace('https', 'http') },
];

test.for(ours)('a request with %j is ours', (headers) => {
  expect(() => requireSameOrigin(headers, settings)).not.toThrow();
});

test.for(notOurs)('a request with %j is not', (headers) => {
  expect(() => requireSameOrigin(headers, settings)).toThrow('has to come from this site');
});

test.for([...ours, {}, { 'sec-fetch-site': 'none' }, { origin: 'null' }])(
  'a form with %j may be of ours',
  (headers) => {
    expect(isFromAnotherSite(headers, settings)).toBe(false);
  },
);

test.for([
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'cross-site', origin: own },
  { 'sec-fetch-site': 'same-site', origin: 'null' },
  { origin: evil },
  { origin: '' },
])('a form with %j is of another site', (headers) => {
  expect(isFromAnotherSite(headers, settings)).toBe(true);
});
