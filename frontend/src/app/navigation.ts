/** Where one can go, in order; the first four stand in the bar of a phone. */

import type { IconName } from '@/components/icons';
import { shell } from './strings';

export const PLACES = [
  { to: '/', icon: 'overview', text: shell.overview },
  { to: '/devices', icon: 'devices', text: shell.devices },
  { to: '/connections', icon: 'connections', text: shell.connections },
  { to: '/topics', icon: 'topics', text: shell.topics },
  { to: '/logs/connection', icon: 'logs', text: shell.logs },
  { to: '/parsers', icon: 'parsers', text: shell.parsers },
  { to: '/notices', icon: 'notices', text: shell.notices },
  { to: '/system', icon: 'system', text: shell.system },
  { to: '/settings', icon: 'settings', text: shell.settings },
] as const satisfies readonly { to: string; icon: IconName; text: { en: string; it: string } }[];

export type Place = (typeof PLACES)[number];

export function isCurrent(place: Place, path: string): boolean {
  if (place.to === '/') return path === '/' || path.startsWith('/sites/');
  if (place.to === '/devices') return path.startsWith('/devices') || path.startsWith('/dataloggers');
  return path.startsWith(`/${place.to.split('/')[1]}`);
}

/** How many of them stand in the bar of a phone, beside "More". */
export const IN_BAR = 4;
