/** Which keys do what everywhere; pages have keys of their own. Pure. */

import { start } from '@/app/start';

/** After "g". */
export const GOES: Record<string, string> = {
  o: '/',
  d: '/devices',
  c: '/connections',
  t: '/topics',
  l: '/logs/connection',
  s: '/system',
  e: '/settings',
  p: '/parsers',
};

/** Somebody writes, or a window is open: letters are letters. */
export function isBusy(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    Boolean(target.closest('input, select, textarea, [contenteditable], [role="dialog"], [role="menu"]'))
  );
}

export type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>;
export type Act = { do: 'palette' | 'sheet' | 'search' | 'wait' | 'nothing' } | { do: 'go'; to: string };

/** `isAfterG`: "g" was pressed a moment ago. */
export function actOf(event: Pressed, isAfterG: boolean): Act {
  const hasControl = event.ctrlKey || event.metaKey;
  if (hasControl && !event.altKey && event.key.toLowerCase() === 'k') return { do: 'palette' };
  if (hasControl || event.altKey || !start.single_keys || isBusy(event.target)) return { do: 'nothing' };
  if (isAfterG) {
    const to = GOES[event.key];
    return to === undefined ? { do: 'nothing' } : { do: 'go', to };
  }
  if (event.key === 'g') return { do: 'wait' };
  if (event.key === '?') return { do: 'sheet' };
  return { do: event.key === '/' ? 'search' : 'nothing' };
}
