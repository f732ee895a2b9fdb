import { defineError } from '#app/errors.ts';

export const jobRefused = defineError('job_refused', 409, 'Not in the state that the job is in');
