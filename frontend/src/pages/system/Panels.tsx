/** Listeners, queues, what must keep happening, room, versions, parsers. */

import type { ReactNode } from 'react';
import { $api } from '@/api/client';
import type { System } from '@/api/types';
import { start } from '@/app/start';
import { CopyButton } from '@/components/CopyButton';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusBadge } from '@/components/StatusBadge';
import { t } from '@/i18n';
import { bytes, count, number } from '@/i18n/format';
import classes from './System.module.css';
import { texts } from './texts';

export function Panels({ system }: { system: System }) {
  return (
    <div className={classes.panels}>
      <Listeners system={system} />
      <Queues system={system} />
      <Checks system={system} />
      <Room system={system} />
      <Versions system={system} />
      <Parsers />
    </div>
  );
}

type PanelProps = { title: string; about?: string; action?: ReactNode; isWide?: boolean; children: ReactNode };

function Panel({ title, about, action, isWide, children }: PanelProps) {
  return (
    <section className={classes.panel} data-wide={isWide || undefined} aria-label={title}>
      <div className={classes.panelHead}>
        <h2>{title}</h2>
        {action}
      </div>
      {about && <p className={classes.about}>{about}</p>}
      {children}
    </section>
  );
}

function Listeners({ system }: { system: System }) {
  return (
    <Panel title={t(texts.listeners)} about={t(texts.listenersWhy)} isWide>
      {system.listeners.length === 0 && t(texts.noListeners)}
      <ul className={classes.list}>
        {system.listeners.map((one) => (
          <li key={one.name} className={classes.listener}>
            <strong>{one.name}</strong>
            <StatusBadge
              word={one.is_alive ? (one.is_stopping ? 'late' : 'live') : 'down'}
              label={t(one.is_alive ? (one.is_stopping ? texts.stopping : texts.alive) : texts.dead)}
            />
            <Pair name={t(texts.heartbeat)}>
              <RelativeTime at={one.heartbeat} />
            </Pair>
            <Pair name={t(texts.holds)}>
              {t(texts.holdsOf, { connected: one.connected, held: one.connections, capacity: one.capacity })}
            </Pair>
            <Pair name={t(texts.oldest)}>
              <RelativeTime at={one.oldest_pending_at} never={t(texts.nothingWaits)} />
            </Pair>
            <Pair name={t(texts.started)}>
              <RelativeTime at={one.started_at} />
            </Pair>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <span className={classes.pair}>
      <span className="dimmed">{name}</span>
      <span className="numbers">{children}</span>
    </span>
  );
}

function Queues({ system }: { system: System }) {
  return (
    <Panel title={t(texts.queues)} about={t(texts.queuesWhy)}>
      <ul className={classes.list}>
        {system.queues.map((one) => (
          <li key={one.name} className={classes.listener}>
            <strong>{one.name}</strong>
            <StatusBadge
              word={one.is_consumed ? 'live' : 'down'}
              label={t(one.is_consumed ? texts.consumed : texts.still)}
            />
            <Pair name={t(texts.waiting)}>{one.depth === null ? t(texts.unknownDepth) : count(one.depth)}</Pair>
            <Pair name={t(texts.canary)}>
              <RelativeTime at={one.canary_age_s === null ? null : before(system.at, one.canary_age_s)} />
            </Pair>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** An age was right when it was told; by the moment it grows with the time since. */
function before(at: string, seconds: number): string {
  return new Date(Date.parse(at) - seconds * 1000).toISOString();
}

function Checks({ system: { reconcile, housekeeping } }: { system: System }) {
  const removed = Object.values(housekeeping?.detail ?? {}).reduce((sum, rows) => sum + rows, 0);
  return (
    <Panel title={t(texts.checks)}>
      <dl className={classes.facts}>
        <Fact name={t(texts.reconcile)}>
          <RelativeTime at={reconcile?.at} />
          {reconcile && (
            <span className="dimmed">
              {t(texts.reconcileWords, {
                seconds: number(reconcile.detail.took_s ?? 0),
                applied: reconcile.detail.applied ?? 0,
              })}
            </span>
          )}
        </Fact>
        <Fact name={t(texts.housekeeping)}>
          <RelativeTime at={housekeeping?.at} never={t(texts.housekeepingNever)} />
          {housekeeping && <span className="dimmed">{t(texts.removed, { count: removed })}</span>}
        </Fact>
      </dl>
    </Panel>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="numbers">{children}</dd>
    </div>
  );
}

function Room({ system }: { system: System }) {
  const days = (kept: number) => <span className="dimmed">{t(texts.kept, { days: kept })}</span>;
  return (
    <Panel title={t(texts.sizes)}>
      <dl className={classes.facts}>
        <Fact name={t(texts.database)}>{bytes(system.database_bytes)}</Fact>
        <Fact name={t(texts.readings)}>
          {bytes(system.readings_bytes)} {days(system.readings_keep_days)}
        </Fact>
        <Fact name={t(texts.redis)}>{system.redis_bytes === null ? '–' : bytes(system.redis_bytes)}</Fact>
        <Fact name={t(texts.keptParsing)}>{days(system.parsing_logs_keep_days)}</Fact>
        <Fact name={t(texts.keptLogs)}>{days(system.connection_logs_keep_days)}</Fact>
      </dl>
    </Panel>
  );
}

export function Versions({ system }: { system: System }) {
  const versions = { fieldledger: start.build, ...system.versions };
  const report = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return (
    <Panel title={t(texts.versions)} action={<CopyButton text={report.join('\n')} label={t(texts.copyAll)} />}>
      <dl className={classes.facts}>
        {Object.entries(versions).map(([name, version]) => (
          <Fact key={name} name={name}>
            {version}
          </Fact>
        ))}
      </dl>
    </Panel>
  );
}

function Parsers() {
  const { data } = $api.useQuery('get', '/api/v1/parsers/');
  return (
    <Panel title={t(texts.parsers)} about={t(texts.parsersWhy)} isWide>
      <ol className={classes.list}>
        {data?.map((parser) => (
          <li key={parser.name} className={classes.parser}>
            <strong>{parser.name}</strong>
            <span className="dimmed">{parser.about}</span>
            <span className="mono">{parser.patterns.join('  ')}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
