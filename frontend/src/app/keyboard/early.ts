/** Keys that are pressed while the keyboard is still being loaded: the last ones are kept, and played when it is there. */

const MOST = 30;
/** Older than that nobody waits for it any more. */
const PATIENCE_MS = 5_000;

type Early = { event: KeyboardEvent; at: number };

let early: Early[] = [];

function keep(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') event.preventDefault(); // the browser has a search of its own
  early = [...early.slice(1 - MOST), { event, at: performance.now() }];
}

/** Begins to keep what is pressed; returns how to stop. */
export function keepEarly(): () => void {
  window.addEventListener('keydown', keep);
  return () => window.removeEventListener('keydown', keep);
}

/** What was pressed until now, oldest first; from now on nothing is kept. */
export function takeEarly(): KeyboardEvent[] {
  window.removeEventListener('keydown', keep);
  const now = performance.now();
  const taken = early.filter(({ at }) => now - at < PATIENCE_MS).map(({ event }) => event);
  early = [];
  return taken;
}
