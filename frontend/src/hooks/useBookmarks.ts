/** What the person keeps to come back to, and the two ways to change that. */

import { useQueryClient } from '@tanstack/react-query';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';

export type Bookmark = components['schemas']['BookmarkOut'];

const PATH = '/api/v1/me/bookmarks/';

export function useBookmarks(kind: Bookmark['kind']) {
  const client = useQueryClient();
  const found = $api.useQuery('get', PATH, {});
  const onSuccess = () => client.invalidateQueries({ queryKey: ['get', PATH] });
  const keep = $api.useMutation('post', PATH, { onSuccess });
  const forget = $api.useMutation('delete', '/api/v1/me/bookmarks/{bookmark_id}/', { onSuccess });
  return {
    rows: (found.data ?? []).filter((row) => row.kind === kind),
    keep: (name: string, address: string) => keep.mutateAsync({ body: { kind, name, address } }),
    forget: (row: Bookmark) => forget.mutateAsync({ params: { path: { bookmark_id: row.id } } }),
    error: found.error ?? keep.error ?? forget.error,
    isBusy: keep.isPending || forget.isPending,
  };
}
