/** Whether the screen is a phone's: tables become cards, panes become steps. */

import { useMediaQuery } from '@mantine/hooks';

export const PHONE = '(max-width: 48em)';

export function usePhone(): boolean {
  return useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false }) ?? false;
}
