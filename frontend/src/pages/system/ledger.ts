/** The ledger as a picture: what was received, and into which fates it went. */

import type { components } from '@/api/schema';
import type { Span } from './search';

export type LedgerRow = components['schemas']['LedgerOut'];
export type LedgerPoint = components['schemas']['LedgerPointOut'];

export const FATES = [
  'stored', 'ignored', 'unrecognised', 'failed', 'duplicate', 'overflowed', 'lost', 'returned',
] as const; // biome-ignore format: a list
export type Fate = (typeof FATES)[number];
export type Part = Fate | 'in_flight' | 'unexplained';
export const PARTS: readonly Part[] = [...FATES, 'in_flight', 'unexplained'];

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
export const STEP_S = { minute: 60, hour: HOUR_S, day: DAY_S } as const;
type Step = keyof typeof STEP_S;
export const WINDOWS: Record<Span, { seconds: number; step: Step }> = {
  '1h': { seconds: HOUR_S, step: 'minute' },
  '24h': { seconds: DAY_S, step: 'hour' },
  '7d': { seconds: 7 * DAY_S, step: 'hour' },
  '30d': { seconds: 30 * DAY_S, step: 'day' },
};

export type Sums = Record<Part | 'received', number>;

export function sums(rows: readonly LedgerRow[]): Sums {
  const total = Object.fromEntries([...PARTS, 'received'].map((name) => [name, 0])) as Sums;
  for (const row of rows) for (const name of [...PARTS, 'received'] as const) total[name] += row[name];
  return total;
}

export type Ribbon = {
  part: Part;
  count: number;
  /** Of what was received, 0 to 1. */
  share: number;
  /** Where it leaves the source and where it arrives, in pixels from the top. */
  from: { top: number; height: number };
  to: { top: number; height: number };
};

const LEAST = 2;
const ROW = 30;
const GAP = 6;

/** Even one message in a million is seen; a part that has none takes no room. */
export function ribbons(total: Sums, height: number): { ribbons: Ribbon[]; height: number } {
  const parts = PARTS.filter((part) => total[part] !== 0);
  const whole = parts.reduce((sum, part) => sum + Math.abs(total[part]), 0);
  let [left, right] = [0, 0];
  const found = parts.map((part): Ribbon => {
    const count = total[part];
    const thick = Math.max(LEAST, (Math.abs(count) / whole) * height);
    const pitch = Math.max(ROW, thick);
    const ribbon = {
      part,
      count,
      share: total.received ? count / total.received : 0,
      from: { top: left, height: thick },
      to: { top: right + (pitch - thick) / 2, height: thick },
    };
    left += thick;
    right += pitch + GAP;
    return ribbon;
  });
  const tall = Math.max(left, right - GAP, ROW);
  const shift = (tall - left) / 2;
  return {
    ribbons: found.map((one) => ({ ...one, from: { ...one.from, top: one.from.top + shift } })),
    height: tall,
  };
}

/** Every step of the window, those in which nothing came included. */
export function steps(points: readonly LedgerPoint[], from: number, to: number, step: Step): LedgerPoint[] {
  const width = STEP_S[step] * 1000;
  const known = new Map(points.map((point) => [Date.parse(point.at), point]));
  const all: LedgerPoint[] = [];
  for (let at = Math.floor(from / width) * width; at < to; at += width)
    all.push(known.get(at) ?? { at: new Date(at).toISOString(), received: 0, ...NOTHING });
  return all;
}

const NOTHING = Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<Fate, number>;

/** 99.98 %, never rounded to all or nothing. */
export function percent(share: number, language: string): string {
  const value = share * 100;
  if (value > 0 && value < 0.01) return `< ${(0.01).toLocaleString(language)} %`;
  const digits = value >= 99.9 || value < 1 ? 2 : value < 10 ? 1 : 0;
  const cut = value < 100 ? Math.min(value, 99.99) : value;
  return `${cut.toLocaleString(language, { maximumFractionDigits: digits })} %`;
}
