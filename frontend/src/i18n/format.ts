/** Numbers, spans and moments as people read them. */

import { getLanguage } from '.';
import { dated, numbers } from './formatters';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;

/** Five significant digits, exponents only where nothing else is readable, and a real minus. */
export function number(value: number): string {
  const size = Math.abs(value);
  const text =
    size !== 0 && (size >= 1e7 || size < 1e-4)
      ? value.toExponential(3)
      : numbers(getLanguage(), { maximumSignificantDigits: 5, useGrouping: size >= 10_000 }).format(value);
  return text.replace('-', '\u2212');
}

export function count(value: number): string {
  return numbers(getLanguage(), {}).format(value);
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, value > 0 ? Math.floor(Math.log10(value) / 3) : 0);
  const scaled = value / 1000 ** power;
  const digits = { maximumFractionDigits: power && scaled < 100 ? 1 : 0 };
  return `${numbers(getLanguage(), digits).format(scaled)} ${units[power]}`;
}

/** A length of time in its two largest units at most: 12 s, 4 min, 3 h 20 min, 5 d. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)} min`;
  if (s < DAY) {
    const minutes = Math.floor((s % HOUR) / MINUTE);
    return s < 10 * HOUR && minutes ? `${Math.floor(s / HOUR)} h ${minutes} min` : `${Math.floor(s / HOUR)} h`;
  }
  return getLanguage() === 'it' ? `${Math.floor(s / DAY)} g` : `${Math.floor(s / DAY)} d`;
}

/** How often something comes: nothing of it is left out that makes a difference. 0.5 s, 1 min 30 s. */
export function pace(seconds: number): string {
  if (seconds < 1) return `${number(seconds)} s`;
  const rest = Math.round(seconds) % MINUTE;
  return rest && seconds > MINUTE && seconds < HOUR ? `${span(seconds)} ${rest} s` : span(seconds);
}

export function clock(ms: number): string {
  return dated(new Date(ms), getLanguage(), TIME);
}

/** With the zone, for hovering. */
export function moment(at: string | number, timeZone?: string): string {
  return dated(new Date(at), getLanguage(), { dateStyle: 'medium', timeStyle: 'long', hour12: false, timeZone });
}

/** Short: the time of day when it was today, else the date too. */
export function shortMoment(at: string | number, now = Date.now()): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date(now).toDateString();
  return dated(date, getLanguage(), isToday ? TIME : { ...TIME, second: undefined, day: 'numeric', month: 'short' });
}
