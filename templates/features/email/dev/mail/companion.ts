import type { StartCompanion } from '../companion.ts';

/** Nothing that runs: it says where the app shows what its mails look like. */
export const mailPreview: StartCompanion = async ({ appOrigin }) => ({
  variables: () => ({}),
  get lines(): [string, string][] {
    return [['Its mails', `${appOrigin()}/dev/mail`]];
  },
  close: async () => {},
});
