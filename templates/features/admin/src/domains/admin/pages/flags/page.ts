import { html } from 'ghtml';
import { z } from 'zod';
import { decide, prepare, type Verdict } from '#app/domains/flags/decide.ts';
import { flagChanged } from '#app/domains/flags/errors.ts';
import { FlagSettings } from '#app/domains/flags/flag-settings.ts';
import { featureFlags } from '#app/domains/flags/models.ts';
import type { DeclaredFlag } from '#app/domains/flags/service.ts';
import { actorOf } from '../../operator.ts';
import { facts } from '../components/facts.ts';
import { renderField } from '../components/form.ts';
import { moment, section, text } from '../components/values.ts';
import { defineAction, defineAdminPage, type Field, type View } from '../define-page.ts';
import { settingState } from './setting.ts';

const params = z.object({ name: z.string() });

const Lines = z.string().transform((lines) => lines.split('\n'));

const SetForm = z
  .object({
    revision: z.string(),
    state: z.enum(featureFlags.state.enumValues),
    percentage: z.coerce.number('A whole number from 0 to 100.'),
    on: Lines,
    off: Lines,
  })
  .pipe(FlagSettings.safeExtend({ revision: z.string() }));

interface Shown {
  readonly flag: DeclaredFlag;
  readonly checked: Checked | undefined;
}

interface Checked extends Verdict {
  readonly subject: string;
}

const oneALine = { kind: 'textarea', optional: true, rows: 6 } as const;

export const flagPage = defineAdminPage({
  path: '/flags/:name',
  title: ({ flag }: Shown) => flag.name,
  permission: 'flags.read',
  params,
  query: z.object({ subject: z.string().trim().min(1).optional().catch(undefined) }),
  load: async ({ services, params: { name }, query: { subject } }) => {
    const flag = await services.flags.find(name);
    return { flag, checked: subject === undefined ? undefined : check(flag, subject) };
  },
  view: ({ flag, checked }, view) => {
    const { declaration, settings, revision } = flag;
    const { on, off, state, percentage } = settings;
    const values = { revision, state, percentage, on: on.join('\n'), off: off.join('\n') };
    return html`<p>${declaration.description}</p>
      !${facts([
        ['Set to', settingState(flag)],
        ['Always on for', subjects(on)],
        ['Always off for', subjects(off)],
        ['As declared', declaration.default === 'on' ? 'On' : 'Off'],
        ['Decided for each', text(subjectOf(flag))],
        ['Last changed', moment(flag.changedAt)],
      ])}
      !${section('Check', checkForm(flag, checked, view))}
      !${view.may('flags.change') ? section('Change', view.form('set', { values })) : ''}`;
  },
  actions: {
    set: defineAction({
      label: 'Save',
      permission: 'flags.change',
      params,
      input: SetForm,
      fields: {
        state: {
          kind: 'select',
          label: 'Set to',
          options: [
            { value: 'off', label: 'Off' },
            { value: 'on', label: 'On' },
            { value: 'percentage', label: 'On for a share' },
          ],
        },
        percentage: {
          kind: 'number',
          label: 'The share, in percent',
          step: '1',
          hint: 'A larger share keeps those of the smaller one.',
        },
        on: { ...oneALine, label: 'Always on for', hint: 'One id a line.' },
        off: { ...oneALine, label: 'Always off for', hint: 'One id a line.' },
      },
      done: 'The flag is set. Every process follows within two seconds.',
      refusals: [flagChanged],
      run: async ({ services, operator, params: { name }, input }) => {
        const { revision, ...settings } = input;
        const expected = revision || undefined;
        await services.flags.set({ actor: actorOf(operator), name, expected, settings });
      },
    }),
  },
});

/** How many, and who when that is opened: a list may be long. */
function subjects(ids: readonly string[]): string {
  if (ids.length === 0) return text(undefined);
  return html`<details>
    <summary>${ids.length}</summary>
    !${ids.map((id) => html`${id}<br />`)}
  </details>`;
}

function check({ name, settings }: DeclaredFlag, subject: string): Checked {
  return { subject, ...decide(prepare(name, settings), subject) };
}

function subjectOf({ declaration: { subject = 'account' } }: DeclaredFlag): string {
  return subject;
}

function checkForm(flag: DeclaredFlag, checked: Checked | undefined, view: View): string {
  const field: Field = { kind: 'text', label: `Id of one ${subjectOf(flag)}`, maxLength: 100 };
  const place = { id: 'check-subject', name: 'subject', value: checked?.subject ?? '' };
  return html`<form method="get" action="${view.path}" class="stacked">
      !${renderField(field, { ...place, error: undefined })}
      <button>Check</button>
    </form>
    !${checked === undefined ? '' : outcome(checked)}`;
}

function outcome({ subject, isOn, reason }: Checked): string {
  return html`<p role="status">
    <strong>${isOn ? 'On' : 'Off'}</strong> for ${subject}, because ${reason}.
  </p>`;
}
