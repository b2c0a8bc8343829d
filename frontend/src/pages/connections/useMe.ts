/** Who is signed in, beyond what the page was served with. */

import { $api } from '@/api/client';

export function useMe() {
  return $api.useQuery('get', '/api/v1/me/');
}
