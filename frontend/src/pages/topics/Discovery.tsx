/** Lets a site listen to every topic for a while, and tells what was new: now, and the last times. */

import { Button, NativeSelect, Switch } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusIcon } from '@/components/StatusBadge';
import { ErrorState, Loading } from '@/components/states';
import { useNow } from '@/hooks/useNow';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { span } from '@/i18n/format';
import { topics as texts } from './strings';
import classes from './Topics.module.css';

type Run = components['schemas']['DiscoveryOut'];
const RUNS = '/api/v1/mqtt/site/{site_id}/discoveries/';
const MINUTES = [1, 5, 30, 120];

export default function Discovery({ site, onClose }: { site: number; onClose: () => void }) {
  const client = useQueryClient();
  const mayListen = useMay('operator', site);
  const [minutes, setMinutes] = useState(5);
  const [system, setSystem] = useState(false);
  const found = $api.useQuery(
    'get',
    RUNS,
    { params: { path: { site_id: site } } },
    { refetchInterval: ({ state }) => (state.data?.some((run) => run.finished_at === null) ? 3_000 : 30_000) },
  );
  const listen = $api.useMutation('post', '/api/v1/mqtt/site/{site_id}/force-discovery/', {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', RUNS] }),
  });
  return (
    <section className={`card ${classes.discovery}`} aria-labelledby="discovery">
      <h2 id="discovery">{t(texts.discovery)}</h2>
      <p className={classes.note}>{t(texts.discoveryWhy)}</p>
      {mayListen && (
        <div className={classes.listen}>
          <NativeSelect
            size="xs"
            label={t(texts.howLong)}
            value={String(minutes)}
            onChange={(event) => setMinutes(Number(event.currentTarget.value))}
            data={MINUTES.map((one) => ({ value: String(one), label: span(one * 60) }))}
          />
          <Switch
            size="xs"
            label={t(texts.withSystem)}
            checked={system}
            onChange={(event) => setSystem(event.currentTarget.checked)}
          />
          <Button
            size="xs"
            loading={listen.isPending}
            onClick={() => listen.mutate({ params: { path: { site_id: site }, query: { minutes, system } } })}
          >
            {t(texts.listen)}
          </Button>
        </div>
      )}
      {listen.error != null && (
        <p role="alert" className={classes.note}>
          {listen.error instanceof Error ? listen.error.message : String(listen.error)}
        </p>
      )}
      {found.error != null && (
        <ErrorState
          what={t(texts.discovery)}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(found.data ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {found.isPending && <Loading lines={2} height={32} />}
      {found.data?.length === 0 && <p className={classes.note}>{t(texts.neverListened)}</p>}
      <ul className={classes.runs} aria-label={t(texts.discovery)}>
        {found.data?.map((run) => (
          <Report key={run.id} run={run} />
        ))}
      </ul>
      <Button size="xs" variant="default" onClick={onClose}>
        {t(texts.closeDiscovery)}
      </Button>
    </section>
  );
}

function Report({ run }: { run: Run }) {
  const now = useNow();
  const left = (Date.parse(run.until) - now) / 1000;
  const { report } = run;
  return (
    <li>
      <StatusIcon word={run.finished_at ? 'paused' : 'applying'} />
      <div>
        <div aria-live="polite">
          <strong>{run.finished_at ? t(texts.foundNew, { count: report.topics }) : t(texts.listening)}</strong>{' '}
          {run.finished_at === null && t(texts.foundSoFar, { count: report.topics })}
          {report.topics_without_parser > 0 && ` ${t(texts.withoutParser, { count: report.topics_without_parser })}`}
        </div>
        <div className="dimmed">
          {run.started_by ?? '–'} · <RelativeTime at={run.started_at} />
          {run.finished_at === null && left > 0 && ` · ${t(texts.leftToListen, { span: span(left) })}`}
          {run.with_system && ` · ${report.system_refused ? t(texts.systemRefused) : '$SYS'}`}
        </div>
        {report.templates.length > 0 && (
          <details>
            <summary>{t(texts.newTemplates, { count: report.templates_in_all })}</summary>
            <ul>
              {report.templates.map((one) => (
                <li key={one.template}>
                  <Link to="/topics" search={{ site: run.site_id, find: one.filter }} className={classes.template}>
                    <span className="mono">{one.template}</span>
                  </Link>{' '}
                  {t(texts.count, { count: one.topics })}
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </li>
  );
}
