/** How the application keeps what it has read. */

import { QueryClient } from '@tanstack/react-query';
import { Problem } from '@/api/problem';

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        gcTime: 5 * 60_000,
        // What the server refuses it refuses again; what did not reach it may.
        retry: (failures, error) => failures < 2 && !(error instanceof Problem && error.status < 500),
        refetchOnWindowFocus: true,
      },
    },
  });
}
