/** The machine room: what became of every message, and whether everything that must run does. */

import { Button, Code } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import { $api } from '@/api/client';
import type { System } from '@/api/types';
import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { StatusBadge } from '@/components/StatusBadge';
import { ErrorState, Loading, StaleBar } from '@/components/states';
import { t } from '@/i18n';
import { isStale, useLive } from '@/live/store';
import { LedgerPanel } from './LedgerPanel';
import { Panels } from './Panels';
import { texts } from './texts';
import { troubles } from './troubles';

const REFRESH_MS = 10_000;

export function SystemPage() {
  const search = useSearch({ from: '/system' });
  const { data, error, isPending, refetch, dataUpdatedAt } = $api.useQuery(
    'get',
    '/api/v1/system/',
    {},
    { refetchInterval: REFRESH_MS },
  );
  const isKnown = useLive((live) => !isStale(live)) && !error;
  const found = data ? troubles(data) : [];
  return (
    <>
      <PageHeader
        title={t(shell.system)}
        aside={data && isKnown && !found.length && <StatusBadge word="live" label={t(texts.allWell)} variant="pill" />}
      >
        <Doors system={data} />
      </PageHeader>
      {found.map(({ key, words, command }) => (
        <StaleBar key={key}>
          <strong>{words}</strong> {command && <Code>{command}</Code>}
        </StaleBar>
      ))}
      {error && (
        <ErrorState
          what={t(texts.what)}
          error={error}
          onRetry={() => void refetch()}
          {...(data && { shownFrom: dataUpdatedAt })}
        />
      )}
      <LedgerPanel search={search} />
      {isPending && <Loading lines={2} height={160} />}
      {data && <Panels system={data} />}
    </>
  );
}

function Doors({ system }: { system: System | undefined }) {
  const { data: me } = $api.useQuery('get', '/api/v1/me/');
  return (
    <>
      {system?.flower_url && (
        <Button component="a" href={system.flower_url} target="_blank" rel="noreferrer" variant="default">
          {t(texts.flower)}
        </Button>
      )}
      {me?.is_superuser && (
        <Button component="a" href="/metrics" variant="default">
          {t(texts.metrics)}
        </Button>
      )}
      <Button component="a" href="/api/v1/docs" variant="default">
        {t(texts.docs)}
      </Button>
    </>
  );
}
