/** Carries out a wish for a site's connection and shows the site; before a stop it says what that means. */

import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { $api } from '@/api/client';
import { Dialog } from '@/components/Dialog';
import { ErrorState } from '@/components/states';
import { useSwitch } from '@/hooks/useSwitch';
import { t } from '@/i18n';
import { StopDialog } from '@/pages/connections/StopDialog';
import { texts } from './strings';
import type { WishOf } from './useChoices';

export default function Wish({ siteId, wish, onClose }: WishOf & { onClose: () => void }) {
  const navigate = useNavigate();
  const wishes = useSwitch(siteId);
  const [failure, setFailure] = useState<unknown>(null);
  const isBegun = useRef(false);
  const path = { site_id: siteId };
  const status = $api.useQuery('get', '/api/v1/mqtt/site/{site_id}/status/', { params: { path } });
  const overview = $api.useQuery('get', '/api/v1/overview/', { params: { query: { minutes: 60 } } });

  async function carryOut(): Promise<void> {
    if (isBegun.current) return;
    isBegun.current = true;
    try {
      await wishes[wish]();
      onClose();
      await navigate({ to: '/sites/$id', params: { id: String(siteId) } });
    } catch (error) {
      setFailure(error);
    }
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is wished
  useEffect(() => {
    if (wish !== 'stop') void carryOut();
  }, []);

  const error = failure ?? status.error;
  if (error) {
    return (
      <Dialog onClose={onClose} title={t(texts.refused)}>
        <ErrorState what={t(texts.refused)} error={error} />
      </Dialog>
    );
  }
  if (wish !== 'stop' || !status.data || isBegun.current) return null;
  const site = overview.data?.sites.find((one) => one.id === siteId);
  return (
    <StopDialog
      rows={[status.data]}
      sites={new Map(site && [[siteId, site]])}
      onClose={onClose}
      onConfirm={() => void carryOut()}
    />
  );
}
