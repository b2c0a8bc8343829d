/** Dataloggers as the server lists them, kept fresh by the live connection. */

import { keepPreviousData } from '@tanstack/react-query';
import { $api } from '@/api/client';
import type { paths } from '@/api/schema';

export type DataloggerQuery = NonNullable<paths['/api/v1/dataloggers/']['get']['parameters']['query']>;

export function useDataloggers(query: DataloggerQuery) {
  return $api.useQuery('get', '/api/v1/dataloggers/', { params: { query } }, { placeholderData: keepPreviousData });
}
