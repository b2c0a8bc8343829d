/** Says news to those who listen instead of looking: politely, and once in five seconds at most. */

import { useSyncExternalStore } from 'react';

const PAUSE_MS = 5_000;
let said = '';
let waiting: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function announce(text: string): void {
  if (timer !== undefined) {
    waiting = text;
    return;
  }
  say(text);
}

function say(text: string): void {
  said = text;
  for (const listener of listeners) listener();
  timer = setTimeout(() => {
    timer = undefined;
    const next = waiting;
    waiting = null;
    if (next !== null) say(next);
  }, PAUSE_MS);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Announcer() {
  return (
    <div className="visually-hidden" aria-live="polite">
      {useSyncExternalStore(subscribe, () => said)}
    </div>
  );
}
