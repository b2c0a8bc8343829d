/** The head of both logs: which one, and whose. */

import { NativeSelect } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { $api } from '@/api/client';
import { shell } from '@/app/strings';
import { PageHeader } from '@/components/PageHeader';
import { t } from '@/i18n';
import classes from './Logs.module.css';
import { logs as texts } from './strings';

type Props = { site: number | undefined; onSite: (site: number | undefined) => void };

export function LogTabs({ site, onSite }: Props) {
  const sites = useSites();
  return (
    <>
      <PageHeader title={t(shell.logs)}>
        <NativeSelect
          size="xs"
          aria-label={t(texts.site)}
          value={site ?? ''}
          onChange={(event) => onSite(event.target.value ? Number(event.target.value) : undefined)}
          data={[
            { value: '', label: t(texts.allSites) },
            ...sites.map((one) => ({ value: String(one.id), label: one.name })),
          ]}
        />
      </PageHeader>
      <nav className={classes.tabs} aria-label={t(texts.which)}>
        <Link
          to="/logs/connection"
          search={{ site }}
          activeProps={{ 'aria-current': 'page' }}
          activeOptions={{ includeSearch: false }}
        >
          {t(texts.connections)}
        </Link>
        <Link
          to="/logs/parsing"
          search={{ site }}
          activeProps={{ 'aria-current': 'page' }}
          activeOptions={{ includeSearch: false }}
        >
          {t(texts.parsing)}
        </Link>
      </nav>
    </>
  );
}

export function useSites() {
  const sites = $api.useQuery('get', '/api/v1/sites/', { params: { query: { limit: 1_000 } } }, { staleTime: 60_000 });
  return sites.data?.items ?? [];
}

export function useSiteName(): (id: number) => string {
  const sites = useSites();
  return (id) => sites.find((one) => one.id === id)?.name ?? `#${id}`;
}
