/** Where charts meet the live connection: it says for them what they watch, and hands on what it hears of that. */

import type { Telemetry } from './events';

export const line = {
  say: (_text: string): boolean => false,
  hear: (_readings: Telemetry): void => {},
};
