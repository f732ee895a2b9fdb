import type { AnyHandler } from '../handler.ts';

export const handlers: readonly AnyHandler[] = [];
