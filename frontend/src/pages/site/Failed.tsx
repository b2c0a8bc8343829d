/** What a panel says when it was not read: in the place of its figures, or above the old ones with the time they are from. */

import { ErrorState } from '@/components/states';

type Query = { error: unknown; data: unknown; dataUpdatedAt: number; refetch: () => unknown };

export function Failed({ what, query }: { what: string; query: Query }) {
  if (query.error == null) return null;
  return (
    <ErrorState
      what={what}
      error={query.error}
      onRetry={() => void query.refetch()}
      {...(query.data ? { shownFrom: query.dataUpdatedAt } : {})}
    />
  );
}
