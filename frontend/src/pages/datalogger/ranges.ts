/** Which stretch of time is shown, and how one moves it. */

import type { DataloggerSearch, RangeName } from './search';

const SECONDS: Record<RangeName, number> = { '1h': 3600, '6h': 21_600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 };
export const DEFAULT_RANGE: RangeName = '6h';
const SHORTEST_S = 10;

export type Stretch = { from: number; to: number };

/** The stretch of the address; null when it is one that ends now, and therefore moves. */
export function fixedStretch({ from, to }: DataloggerSearch): Stretch | null {
  return from !== undefined && to !== undefined ? { from, to } : null;
}

export function spanOf(search: DataloggerSearch): number {
  const fixed = fixedStretch(search);
  return fixed ? fixed.to - fixed.from : SECONDS[search.range ?? DEFAULT_RANGE];
}

export function stretchAt(search: DataloggerSearch, nowS: number): Stretch {
  return fixedStretch(search) ?? { from: nowS - spanOf(search), to: nowS };
}

/** Part of it, drawn by hand or moved by a key; never beyond now. */
export function stretched(from: number, to: number, nowS: number): Stretch {
  const length = Math.max(SHORTEST_S, Math.ceil(to) - Math.floor(from));
  const end = Math.min(Math.ceil(to), Math.floor(nowS));
  return { from: end - length, to: end };
}

export type Move = 'earlier' | 'later' | 'closer' | 'wider';

export function moved({ from, to }: Stretch, move: Move, nowS: number): Stretch {
  const quarter = (to - from) / 4;
  const [left, right] = {
    earlier: [-quarter, -quarter],
    later: [quarter, quarter],
    closer: [quarter, -quarter],
    wider: [-2 * quarter, 2 * quarter],
  }[move] as [number, number];
  return stretched(from + left, to + right, nowS);
}

/** How often a chart that ends now is read again: with each bucket, between 3 s and a minute. */
export function rereadMs(bucketS: number | undefined): number {
  return Math.min(60_000, Math.max(3_000, (bucketS ?? 5) * 500));
}

/** The number of the picked sensors: those of the address that there are, else the first two. */
export function pickedOf(show: string | number | undefined, ids: number[]): number[] {
  const wished = String(show ?? '')
    .split(',')
    .map(Number);
  const found = ids.filter((id) => wished.includes(id));
  return show !== undefined ? found : ids.slice(0, 2);
}
