/** The control room: every connection's wish and fact, and when the one becomes the other. */

import { Button, Pagination } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { shell } from '@/app/strings';
import { Icon } from '@/components/icons';
import { PageHeader } from '@/components/PageHeader';
import { RoleGate } from '@/components/RoleGate';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { ConnectionRow } from './ConnectionRow';
import classes from './Connections.module.css';
import { Filters } from './Filters';
import { FormDialog } from './FormDialog';
import { ReconcileRing } from './ReconcileRing';
import { SelectionBar } from './SelectionBar';
import { texts } from './texts';
import { PER_PAGE, useConnections, useSites } from './useConnections';

export function ConnectionsPage() {
  const search = useSearch({ from: '/connections' });
  const navigate = useNavigate({ from: '/connections' });
  const { data, error, isPending, refetch, dataUpdatedAt } = useConnections(search);
  const { sites } = useSites();
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const mayOperate = useMay('operator');
  const isFiltered = Boolean(search.search || search.status || search.wish);
  const rows = data?.items ?? [];
  const select = (siteId: number, isOn: boolean) =>
    setSelected((before) => {
      const next = new Set(before);
      if (isOn) next.add(siteId);
      else next.delete(siteId);
      return next;
    });

  return (
    <>
      <PageHeader
        title={t(shell.connections)}
        aside={data && <span className="dimmed numbers">{t(texts.total, { count: data.count })}</span>}
        about={<ReconcileRing />}
      >
        <RoleGate needs="admin">
          {(isBarred) => (
            <Button
              leftSection={<Icon name="plus" size={16} />}
              disabled={isBarred}
              onClick={() => void navigate({ search: (now) => ({ ...now, add: true }) })}
            >
              {t(texts.add)}
            </Button>
          )}
        </RoleGate>
      </PageHeader>
      {(isFiltered || rows.length > 0 || error) && <Filters search={search} />}
      {error && (
        <ErrorState
          what={t(texts.what)}
          error={error}
          onRetry={() => void refetch()}
          {...(data && { shownFrom: dataUpdatedAt })}
        />
      )}
      {isPending && <Loading lines={6} height={76} />}
      {rows.length > 0 && (
        <>
          {mayOperate && <SelectionBar rows={rows} sites={sites} selected={selected} onSelect={setSelected} />}
          <ul className={classes.rows} aria-label={t(shell.connections)}>
            {rows.map((row) => (
              <ConnectionRow
                key={row.connection_id}
                row={row}
                site={sites.get(row.site_id)}
                isSelected={selected.has(row.site_id)}
                onSelect={(isOn) => select(row.site_id, isOn)}
              />
            ))}
          </ul>
        </>
      )}
      {data && data.count > PER_PAGE && (
        <Pagination
          mt="md"
          total={Math.ceil(data.count / PER_PAGE)}
          value={search.page ?? 1}
          onChange={(page) => void navigate({ search: (now) => ({ ...now, page: page > 1 ? page : undefined }) })}
        />
      )}
      {data && rows.length === 0 && (isFiltered ? <NoMatch /> : <Nothing />)}
      <FormDialog search={search} />
    </>
  );
}

function NoMatch() {
  return (
    <EmptyState
      title={t(texts.noMatch)}
      icon="filter"
      action={
        <Button variant="default" component={Link} to="/connections">
          {t(common.clear)}
        </Button>
      }
    >
      {t(texts.noMatchWhy)}
    </EmptyState>
  );
}

function Nothing() {
  const navigate = useNavigate({ from: '/connections' });
  const mayAdd = useMay('admin');
  return (
    <EmptyState
      title={t(texts.none)}
      icon="connections"
      action={mayAdd && <Button onClick={() => void navigate({ search: { add: true } })}>{t(texts.add)}</Button>}
    >
      {t(mayAdd ? texts.noneWhy : texts.noneForYou)}
    </EmptyState>
  );
}
