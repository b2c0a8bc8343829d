/** Which devices are chosen; remembered as they were when they were chosen, whatever the list shows meanwhile. */

import { useState } from 'react';
import type { Datalogger } from '@/api/types';

export type Selection = {
  isOn: boolean;
  rows: Datalogger[];
  has: (id: number) => boolean;
  toggle: (row: Datalogger) => void;
  add: (rows: Datalogger[]) => void;
  begin: () => void;
  end: () => void;
};

export function useSelection(): Selection {
  const [chosen, setChosen] = useState<Map<number, Datalogger> | null>(null);
  return {
    isOn: chosen !== null,
    rows: [...(chosen?.values() ?? [])],
    has: (id) => chosen?.has(id) ?? false,
    toggle: (row) =>
      setChosen((now) => {
        const next = new Map(now);
        if (!next.delete(row.id)) next.set(row.id, row);
        return next;
      }),
    add: (rows) => setChosen((now) => new Map([...(now ?? []), ...rows.map((row) => [row.id, row] as const)])),
    begin: () => setChosen((now) => now ?? new Map()),
    end: () => setChosen(null),
  };
}
