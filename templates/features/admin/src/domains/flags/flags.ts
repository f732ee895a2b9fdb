// The feature flags, each declared once, as `defineFlags` shows. `services.flags.isOn('newEditor',
// identity.accountId)` asks for one, and a name that is not declared here does not compile. Operators
// set them in the admin area, under Feature flags.
import { defineFlags } from './define-flags.ts';

export const flags = defineFlags({});

export type FlagName = keyof typeof flags;
