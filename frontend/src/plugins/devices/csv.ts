/** Everything that is found as a CSV file, page after page. */

import { api } from '@/api/client';
import type { Datalogger } from '@/api/types';
import type { DataloggerQuery } from '@/hooks/useDataloggers';

const PAGE = 1_000;
const MOST = 10_000;

const COLUMNS = [
  'site_name', 'gateway_serial', 'serial', 'name', 'tags', 'kind', 'status', 'offline_reason', 'last_seen_at', 'interval_s',
  'expected_interval_s', 'firmware', 'first_seen_at',
] as const; // biome-ignore format: a list of names

/** Fields that could be read as a formula are quoted so that no spreadsheet does. */
export function csvField(value: unknown): string {
  const text = value === null || value === undefined ? '' : Array.isArray(value) ? value.join(' ') : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\n\r;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(rows: Datalogger[]): string {
  const lines = rows.map((row) => COLUMNS.map((name) => csvField(row[name])).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

export async function downloadDevices(query: DataloggerQuery): Promise<void> {
  const rows: Datalogger[] = [];
  for (let offset = 0; offset < MOST; offset += PAGE) {
    const { data } = await api.GET('/api/v1/dataloggers/', { params: { query: { ...query, limit: PAGE, offset } } });
    rows.push(...(data?.items ?? []));
    if (!data || data.items.length < PAGE) break;
  }
  save(rows);
}

export function save(rows: Datalogger[]): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([csv(rows)], { type: 'text/csv;charset=utf-8' }));
  link.download = 'devices.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
