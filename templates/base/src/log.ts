import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { z } from 'zod';
import { describeError } from './log-error.ts';
import { requestContext } from './http/request-context.ts';

export type Log = Logger;

export const logSettings = {
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
};

/**
 * Makes the process's logger: one JSON object a line, on standard output. Every line that is
 * written while a request is handled carries that request's id.
 */
export function createLog(
  settings: z.infer<z.ZodObject<typeof logSettings>>,
  destination?: DestinationStream,
): Log {
  const options: LoggerOptions = {
    level: settings.LOG_LEVEL,
    base: null,
    timestamp,
    formatters: { level: (label) => ({ level: label }) },
    // A copy: pino writes each line's own fields into what it is given here.
    mixin: () => ({ ...requestContext.getStore()?.logFields }),
    serializers: { err: describeError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

let second = Number.NaN;
let secondText = '';

/** The time of a line as ISO 8601 in UTC. Only its milliseconds are made anew for each line. */
function timestamp(): string {
  const now = Date.now();
  const milliseconds = now % 1000;
  if (now - milliseconds !== second) {
    second = now - milliseconds;
    secondText = new Date(second).toISOString().slice(0, -'000Z'.length);
  }
  return `,"time":"${secondText}${String(milliseconds).padStart(3, '0')}Z"`;
}
