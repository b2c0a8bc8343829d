/** Controls by role: absent for viewers, there but barred, with the reason, for operators who need more. */

import type { ReactNode } from 'react';
import type { Role } from '@/api/types';
import { reaches, useRole } from '@/hooks/useRole';
import { t } from '@/i18n';
import { common } from '@/i18n/common';

type Props = {
  needs: Role;
  /** Where the control acts; without it, the highest role held anywhere counts. */
  siteId?: number;
  /** `isBarred`: show the control disabled. */
  children: (isBarred: boolean) => ReactNode;
};

export function RoleGate({ needs, siteId, children }: Props) {
  const held = useRole(siteId);
  if (reaches(held, needs)) return children(false);
  if (!reaches(held, 'operator')) return null;
  const reason = t(common.needsRole, { role: needs });
  return (
    <span title={reason}>
      {children(true)}
      <span className="visually-hidden">{reason}</span>
    </span>
  );
}
