// States of jobs as HTML.
import type { JobRecord } from '#app/platform/jobs/job-records.ts';
import { state } from '../components/values.ts';

const moods: Partial<Record<JobRecord['state'], 'good' | 'bad'>> = {
  completed: 'good',
  failed: 'bad',
};

export function jobState(value: JobRecord['state']): string {
  return state(value, moods[value]);
}
