/** Where did every message go? One picture, one verdict, and the same for each connection. */

import { Button, SegmentedControl, Select } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { Icon } from '@/components/icons';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { ByConnection } from './ByConnection';
import { Flow } from './Flow';
import { type LedgerRow, steps, sums } from './ledger';
import { OverTime } from './OverTime';
import classes from './System.module.css';
import { SPANS, type SystemSearch } from './search';
import { texts } from './texts';
import { useLedger } from './useLedger';
import { useNames } from './useNames';

export function LedgerPanel({ search }: { search: SystemSearch }) {
  const span = search.span ?? '24h';
  const { from, to, step, all, series } = useLedger(span, search.connection);
  const rows = all.data?.filter((row) => search.connection === undefined || row.connection_id === search.connection);
  const total = sums(rows ?? []);
  const error = all.error ?? series.error;
  const retry = () => void Promise.all([all.refetch(), series.refetch()]);
  return (
    <section className={classes.panel} aria-labelledby="ledger">
      <div className={classes.panelHead}>
        <h2 id="ledger">{t(texts.ledger)}</h2>
        <Choices search={search} rows={all.data ?? []} />
      </div>
      {error && (
        <ErrorState
          what={t(texts.whatLedger)}
          error={error}
          onRetry={retry}
          {...(rows && { shownFrom: all.dataUpdatedAt })}
        />
      )}
      {all.isPending && <Loading lines={1} height={240} />}
      {rows && total.received === 0 && total.unexplained === 0 && <Nothing />}
      {rows && (total.received > 0 || total.unexplained !== 0) && (
        <>
          <Verdict rows={rows} received={total.received} />
          <Flow total={total} />
          {series.data && <OverTime points={steps(series.data, from, to, step)} step={step} />}
          {search.connection === undefined && <ByConnection rows={rows} />}
        </>
      )}
    </section>
  );
}

function Choices({ search, rows }: { search: SystemSearch; rows: LedgerRow[] }) {
  const navigate = useNavigate({ from: '/system' });
  const name = useNames();
  const change = (changes: SystemSearch) => void navigate({ search: (now) => ({ ...now, ...changes }), replace: true });
  return (
    <div className={classes.choices}>
      <Select
        aria-label={t(texts.connection)}
        placeholder={t(texts.every)}
        data={rows.map((row) => ({ value: String(row.connection_id), label: name(row) }))}
        value={search.connection === undefined ? null : String(search.connection)}
        onChange={(value) => change({ connection: value ? Number(value) : undefined })}
        searchable={rows.length > 8}
        clearable
      />
      <SegmentedControl
        aria-label={t(texts.span)}
        data={SPANS.map((value) => ({ value, label: t(texts[value]) }))}
        value={search.span ?? '24h'}
        onChange={(span) => change({ span })}
      />
    </div>
  );
}

function Verdict({ rows, received }: { rows: LedgerRow[]; received: number }) {
  const wrong = rows.filter((row) => !row.balanced);
  if (!wrong.length)
    return (
      <p className={classes.verdict}>
        <span className={classes.ok}>
          <Icon name="check" />
        </span>
        {t(texts.balanced, { count: received })}
      </p>
    );
  return (
    <p className={classes.verdict} role="alert">
      <span className={classes.wrong}>
        <Icon name="alert" />
      </span>
      <span>
        <strong>{t(texts.unbalanced, { count: wrong.length })}</strong> {t(texts.unbalancedWhy)}
      </span>
    </p>
  );
}

function Nothing() {
  return (
    <EmptyState
      title={t(texts.nothing)}
      action={
        <Button variant="default" component={Link} to="/connections">
          {t(texts.toConnections)}
        </Button>
      }
    >
      {t(texts.nothingWhy)}
    </EmptyState>
  );
}
