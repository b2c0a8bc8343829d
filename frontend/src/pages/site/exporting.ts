/** A site's configuration and its devices as one JSON file: what the API says of them, which never holds a password. */

import { api } from '@/api/client';
import type { Site } from '@/api/types';

const PAGE = 1_000;

type Found<Row> = Promise<{ data?: { items: Row[] } | undefined }>;

/** All rows of a list, page after page. */
async function all<Row>(read: (paging: { limit: number; offset: number }) => Found<Row>): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const { data } = await read({ limit: PAGE, offset: rows.length });
    rows.push(...(data?.items ?? []));
    if (!data || data.items.length < PAGE) return rows;
  }
}

export async function described(site: Site) {
  const of = { site: site.id };
  return {
    exported_at: new Date().toISOString(),
    site,
    connections: await all((paging) => api.GET('/api/v1/connections/', { params: { query: { ...of, ...paging } } })),
    topics: await all((paging) => api.GET('/api/v1/topics/', { params: { query: { ...of, ...paging } } })),
    gateways: await all((paging) => api.GET('/api/v1/gateways/', { params: { query: { ...of, ...paging } } })),
    dataloggers: await all((paging) => api.GET('/api/v1/dataloggers/', { params: { query: { ...of, ...paging } } })),
    sensors: await all((paging) => api.GET('/api/v1/sensors/', { params: { query: { ...of, ...paging } } })),
  };
}

export async function downloadSite(site: Site): Promise<void> {
  const link = document.createElement('a');
  const text = JSON.stringify(await described(site), null, 2);
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = `${site.slug}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
