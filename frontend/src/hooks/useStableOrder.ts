/** Keeps a list in the order in which it was, while somebody points at it or is in it. */

import { useState } from 'react';

export function useStableOrder<Key extends string | number>(wanted: Key[]) {
  const [held, setHeld] = useState<Key[] | null>(null);
  const order = held === null ? wanted : settle(held, wanted);
  const changes = held === null ? 0 : moved(order, wanted);
  return {
    order,
    changes,
    resort: () => setHeld((now) => now && wanted),
    hold: {
      onPointerEnter: () => setHeld((now) => now ?? wanted),
      onPointerLeave: () => setHeld(null),
      onFocus: () => setHeld((now) => now ?? wanted),
      onBlur: () => setHeld(null),
    },
  };
}

/** The held order without what is gone, and with what is new at the end. */
export function settle<Key>(held: Key[], wanted: Key[]): Key[] {
  const present = new Set(wanted);
  const known = new Set(held);
  return [...held.filter((key) => present.has(key)), ...wanted.filter((key) => !known.has(key))];
}

export function moved<Key>(order: Key[], wanted: Key[]): number {
  return wanted.filter((key, place) => order[place] !== key).length;
}
