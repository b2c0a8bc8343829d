/** What lies over the page by the keyboard's wish: the palette, the sheet of shortcuts, or nothing. */

import { useSyncExternalStore } from 'react';

export type Overlay = 'palette' | 'sheet' | null;

let shown: Overlay = null;
const listeners = new Set<() => void>();

/** Typed for the palette before it is there to take it. */
let typed = '';

export function show(next: Overlay): void {
  shown = next;
  typed = '';
  for (const listener of listeners) listener();
}

/** Keeps a letter for the palette that is being loaded; false where none is. */
export function typeAhead(letter: string): boolean {
  if (shown !== 'palette' || letter.length !== 1) return false;
  typed += letter;
  return true;
}

export function typedAhead(): string {
  return typed;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How long after "g" the next letter says where to go. */
const PATIENCE_MS = 1_500;
let waitsSince = Number.NEGATIVE_INFINITY;

export function wait(isOn: boolean): void {
  waitsSince = isOn ? performance.now() : Number.NEGATIVE_INFINITY;
}

export function isWaiting(): boolean {
  return performance.now() - waitsSince < PATIENCE_MS;
}

export function useOverlay(): Overlay {
  return useSyncExternalStore(subscribe, () => shown);
}
