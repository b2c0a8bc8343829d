/** New names from a pattern: "Pier {n}" for each of the chosen devices, in the order of their serials. Pure. */

import type { Datalogger } from '@/api/types';

/** What may stand in a pattern. */
export const SLOTS = ['{n}', '{serial}', '{type}', '{site}', '{gateway}', '{name}'] as const;
export const LONGEST = 128;

/** By id. {n} counts from 1, with as many digits as the last number has. */
export function renamed(pattern: string, rows: Datalogger[]): Map<number, string> {
  const digits = String(rows.length).length;
  const inOrder = [...rows].sort((one, other) => one.serial.localeCompare(other.serial, undefined, { numeric: true }));
  return new Map(
    inOrder.map((row, place) => {
      const values: Record<string, string> = {
        n: String(place + 1).padStart(digits, '0'),
        serial: row.serial,
        type: row.kind,
        site: row.site_name,
        gateway: row.gateway_serial ?? '',
        name: row.name,
      };
      const said = pattern.replace(/\{(\w+)\}/g, (slot, key: string) => values[key] ?? slot);
      return [row.id, said.trim().slice(0, LONGEST)];
    }),
  );
}

/** "north, pier" as its tags, each once. */
export function tagsOf(text: string): string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))].filter(Boolean);
}
