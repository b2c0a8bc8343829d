/** Keys of one letter that a page has for itself: off where the person wishes so, and while "g" waits for its letter. */

import { type HotkeyItem, useHotkeys } from '@mantine/hooks';
import { isWaiting } from '@/app/keyboard/overlay';
import { start } from '@/app/start';

export function useKeys(keys: [key: string, act: () => void][]): void {
  const own = keys.map(([key, act]): HotkeyItem => [key, () => !isWaiting() && act(), { preventDefault: false }]);
  useHotkeys(start.single_keys ? own : []);
}
