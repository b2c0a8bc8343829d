/** The server's clock, as far as this browser knows it: every relative time is told by it. */

let offset = 0;
let isExact = false;

/** exactly: to the millisecond, as the live connection tells it; a `Date` header knows whole seconds only. */
export function observeServerTime(serverMs: number, exactly = false, now = Date.now()): void {
  if (!Number.isFinite(serverMs) || (isExact && !exactly)) return;
  const seen = serverMs - now;
  // A header is up to a second old when it is written; what lies within says nothing about the clock.
  if (!exactly && Math.abs(seen - offset) < 2000) return;
  offset = seen;
  isExact = exactly;
}

export function serverNow(): number {
  return Date.now() + offset;
}

export function clockOffset(): number {
  return offset;
}
