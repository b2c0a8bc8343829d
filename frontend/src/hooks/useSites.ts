/** The sites that one may see, for choosing and for naming. */

import { $api } from '@/api/client';

const SITES = 1_000;

export function useSites() {
  const found = $api.useQuery('get', '/api/v1/sites/', { params: { query: { limit: SITES } } }, { staleTime: 60_000 });
  const sites = found.data?.items ?? [];
  return {
    sites,
    isPending: found.isPending,
    nameOf: (id: number | null) => sites.find((one) => one.id === id)?.name ?? `#${id ?? '?'}`,
  };
}
