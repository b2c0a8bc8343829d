/** What the person may do: at one site, or anywhere. */

import type { Role } from '@/api/types';
import { start } from '@/app/start';
import { useLive } from '@/live/store';

const LADDER: Role[] = ['viewer', 'operator', 'admin'];

export function reaches(role: Role | null, atLeast: Role): boolean {
  return role !== null && LADDER.indexOf(role) >= LADDER.indexOf(atLeast);
}

/** The role held at this site; without a site, the highest held anywhere; null: none. */
export function useRole(siteId?: number): Role | null {
  const held = useLive((live) => live.sites?.find((site) => site.id === siteId)?.role);
  return held ?? start.role;
}

export function useMay(role: Role, siteId?: number): boolean {
  return reaches(useRole(siteId), role);
}
