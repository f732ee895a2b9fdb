import { html } from 'ghtml';
import { z } from 'zod';
import { flagChanged } from '#app/domains/flags/errors.ts';
import type { DeclaredFlag, Flag } from '#app/domains/flags/service.ts';
import { actorOf } from '../../operator.ts';
import { table } from '../components/table.ts';
import { link, moment, section, text } from '../components/values.ts';
import { defineAction, defineAdminPage, type View } from '../define-page.ts';
import { listCounts, settingState } from './setting.ts';

export const flagsPage = defineAdminPage({
  path: '/flags',
  title: 'Feature flags',
  navigation: 'Feature flags',
  permission: 'flags.read',
  load: ({ services }) => services.flags.list(),
  view: (flags, view) => {
    const leftOver = flags.filter((flag) => !isDeclared(flag));
    return html`!${declaredFlags(flags.filter(isDeclared))}
    !${leftOver.length === 0 ? '' : section('Not declared any more', leftOverFlags(leftOver, view))}`;
  },
  actions: {
    remove: defineAction({
      label: 'Remove',
      permission: 'flags.change',
      // The column takes ASCII alone, and no other text can be compared with it.
      input: z.object({ name: z.string().regex(/^[\x20-\x7e]*$/), revision: z.uuid() }),
      done: 'The flag is removed.',
      refusals: [flagChanged],
      run: async ({ services, operator, input: { name, revision: expected } }) => {
        await services.flags.remove({ actor: actorOf(operator), name, expected });
      },
    }),
  },
});

function isDeclared(flag: Flag): flag is DeclaredFlag {
  return flag.declaration !== undefined;
}

function declaredFlags(flags: readonly DeclaredFlag[]): string {
  return table(
    flags,
    [
      {
        title: 'Flag',
        cell: ({ name, declaration }) =>
          html`!${link(`/admin/flags/${name}`, name)}<br />${declaration.description}`,
      },
      { title: 'Set to', cell: settingState },
      { title: 'On its lists', cell: listCounts },
      { title: 'Last changed', cell: ({ changedAt }) => moment(changedAt) },
    ],
    {
      caption: 'Feature flags',
      empty: 'No flag is declared. Declare the first one in src/domains/flags/flags.ts.',
    },
  );
}

/** A version of the service that is being replaced may not know the flags of the next. */
function leftOverFlags(flags: readonly Flag[], view: View): string {
  return html`<p>
      This version of the service declares none of these, and none has an effect here. Remove one
      when no version that runs declares it.
    </p>
    !${table(
      flags,
      [
        { title: 'Flag', cell: ({ name }) => text(name) },
        { title: 'Was set to', cell: settingState },
        { title: 'On its lists', cell: listCounts },
        { title: 'Last changed', cell: ({ changedAt }) => moment(changedAt) },
        {
          title: 'Remove',
          cell: ({ name, revision }) =>
            view.form('remove', { key: name, values: { name, revision }, about: name }),
        },
      ],
      { caption: 'Flags that are not declared any more', empty: '' },
    )}`;
}
