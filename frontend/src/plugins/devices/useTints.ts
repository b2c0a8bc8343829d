/** Which rows have just changed their status: they are tinted for a moment. */

import { useRef } from 'react';

/** Says "a" and "b" by turns, so that a second change is tinted too; undefined for a row that has not changed yet. */
export function useTints(): (id: number, status: string) => 'a' | 'b' | undefined {
  const known = useRef(new Map<number, { status: string; tint: 'a' | 'b' | undefined }>());
  return (id, status) => {
    const before = known.current.get(id);
    if (before?.status === status) return before.tint;
    const tint = before && (before.tint === 'a' ? 'b' : 'a');
    known.current.set(id, { status, tint });
    return tint;
  };
}
