// How a flag is set, at a glance.
import type { Flag } from '#app/domains/flags/service.ts';
import { state } from '../components/values.ts';

export function settingState({ settings }: Flag): string {
  switch (settings.state) {
    case 'on':
      return state('On', 'good');
    case 'off':
      return state('Off');
    case 'percentage':
      return state(`${settings.percentage} %`, settings.percentage > 0 ? 'good' : 'plain');
  }
}

/** How many are on the lists, where somebody is. */
export function listCounts({ settings: { on, off } }: Flag): string {
  const counts = [
    ...(on.length > 0 ? [`${on.length} on`] : []),
    ...(off.length > 0 ? [`${off.length} off`] : []),
  ];
  return counts.join(', ') || '–';
}
