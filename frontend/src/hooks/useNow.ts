/** The server's time, once a second, from one timer for all who show it. */

import { useSyncExternalStore } from 'react';
import { serverNow } from '@/live/clock';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

function tick(): void {
  now = serverNow();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = serverNow();
    timer = setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function read(): number {
  if (timer === undefined) now = now && Math.abs(serverNow() - now) < 1000 ? now : serverNow();
  return now;
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, read);
}
