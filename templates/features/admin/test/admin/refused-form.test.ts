// A form that was refused comes back as it was sent.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { renderForm } from '#app/domains/admin/pages/components/form.ts';
import { defineAction } from '#app/domains/admin/pages/define-page.ts';

const action = defineAction({
  label: 'Save',
  permission: 'things.change',
  input: z.object({ name: z.string(), on: z.string().optional() }),
  fields: { name: { kind: 'text', label: 'Name' }, on: { kind: 'checkbox', label: 'On' } },
  done: 'It is saved.',
  run: async () => {},
});

const form = (sent?: Record<string, string>) =>
  renderForm({
    name: 'save',
    action,
    path: '/admin/things',
    operator: { formToken: 'token' },
    attempt: sent && { action: 'save', key: '', values: sent, errors: { name: 'Too long' } },
    options: { values: { name: 'before', on: 'on' } },
  });

test('what was typed stands in it, and why it was refused', () => {
  expect(form()).toContain('value="before"');
  expect(form()).not.toContain('Too long');
  const refused = form({ name: 'typed', on: 'on' });
  expect(refused).toContain('value="typed"');
  expect(refused).toContain('Too long');
});

test('a box whose tick was taken away is not ticked again', () => {
  expect(form()).toContain('checked');
  expect(form({ name: 'typed', on: 'on' })).toContain('checked');
  expect(form({ name: 'typed' })).not.toContain('checked');
});
