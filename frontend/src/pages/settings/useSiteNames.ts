/** The names of the sites that one may see, by id. */

import { $api } from '@/api/client';

export function useSiteNames(): Map<number, string> {
  const { data } = $api.useQuery('get', '/api/v1/overview/', { params: { query: { minutes: 15 } } });
  return new Map(data?.sites.map((site) => [site.id, site.name]));
}
