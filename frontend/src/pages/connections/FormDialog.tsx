/** Opens the form that the address asks for: a new connection, a copy of one, or one that is there. */

import { useNavigate } from '@tanstack/react-router';
import { $api } from '@/api/client';
import { Dialog } from '@/components/Dialog';
import { ErrorState, Loading } from '@/components/states';
import { usePhone } from '@/hooks/usePhone';
import { t } from '@/i18n';
import { ConnectionForm } from './ConnectionForm';
import type { ConnectionsSearch } from './search';
import { texts } from './texts';
import { useSites } from './useConnections';

export function FormDialog({ search }: { search: ConnectionsSearch }) {
  const navigate = useNavigate({ from: '/connections' });
  const isPhone = usePhone();
  const { sites } = useSites();
  const { add, edit, site } = search;
  const { data, error, isFetching, refetch } = $api.useQuery(
    'get',
    '/api/v1/connections/{connection_id}/',
    { params: { path: { connection_id: edit ?? 0 } } },
    { enabled: edit !== undefined, gcTime: 0, staleTime: Number.POSITIVE_INFINITY },
  );
  if (!add && edit === undefined) return null;
  const close = () =>
    void navigate({ search: (now) => ({ ...now, add: undefined, edit: undefined, site: undefined }) });
  const name = (data && sites.get(data.site_id)?.name) ?? '';
  const isReady = edit === undefined || (data && !isFetching);
  return (
    <Dialog
      onClose={close}
      size="lg"
      fullScreen={isPhone}
      title={add ? t(texts.addTitle) : t(texts.editTitle, { site: name })}
    >
      {error && <ErrorState what={t(texts.what)} error={error} onRetry={() => void refetch()} />}
      {!error && !isReady && <Loading lines={5} />}
      {isReady && (
        <ConnectionForm
          key={data?.version}
          stored={add ? undefined : data}
          model={data}
          siteId={site}
          onClose={close}
          onReload={() => void refetch()}
        />
      )}
    </Dialog>
  );
}
