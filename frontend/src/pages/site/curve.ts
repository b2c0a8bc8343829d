/** Two days of a value, as the last day over the one before. Pure. */

export type Days = {
  /** Of the last 24 hours, in seconds since 1970. */
  time: number[];
  today: (number | null)[];
  before: (number | null)[];
};

export function days(time: number[], value: (number | null)[]): Days {
  const half = Math.floor(time.length / 2);
  return { time: time.slice(half), today: value.slice(half), before: value.slice(0, half) };
}

/** Power over time since midnight there; a bucket without readings adds nothing. */
export function energySince(midnight: number, time: number[], value: (number | null)[], bucketS: number): number {
  return time.reduce((sum, at, place) => (at >= midnight ? sum + ((value[place] ?? 0) * bucketS) / 3600 : sum), 0);
}

/** The last midnight in that zone, in seconds since 1970. */
export function midnightIn(zone: string, now: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value ?? 0);
  return Math.floor(now / 1000) - (part('hour') * 3600 + part('minute') * 60 + part('second'));
}

export function greatest(values: (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length ? Math.max(...known) : null;
}
