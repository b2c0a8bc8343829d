/** The sensors that are watched by the live connection: as many as the server grants, each by one chart. */

import type { Telemetry } from './events';
import { line } from './line';

/** The server grants so many to one connection; further charts are read again instead. */
export const WATCHED = 8;
/** The server ends a connection that says more than 20 things a second. */
export const SAY_EVERY_MS = 100;

type Take = (readings: Telemetry) => void;
const watched = new Map<number, Take>();
const unsaid = new Map<number, string>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Readings from `since` on, in seconds, that moment included; the answer ends it. Null where there is no room. */
export function watch(sensor: number, since: number, take: Take): (() => void) | null {
  if (watched.size >= WATCHED && !watched.has(sensor)) return null;
  watched.set(sensor, take);
  line.hear = (readings) => watched.get(readings.sensor)?.(readings);
  say(sensor, { op: 'watch', sensor, since });
  return () => {
    if (watched.get(sensor) !== take) return;
    watched.delete(sensor);
    say(sensor, { op: 'unwatch', sensor });
  };
}

/** The last word about each sensor, one after the other. Without a connection it is lost: whoever opens it begins anew. */
function say(sensor: number, wish: object): void {
  unsaid.delete(sensor);
  unsaid.set(sensor, JSON.stringify(wish));
  timer ??= setInterval(sayNext, SAY_EVERY_MS);
}

function sayNext(): void {
  const [next] = unsaid;
  if (next) {
    unsaid.delete(next[0]);
    line.say(next[1]);
  } else {
    clearInterval(timer);
    timer = undefined;
  }
}
