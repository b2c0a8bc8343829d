/** How long each kind of row is kept, and where that is changed. */

import { Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { $api } from '@/api/client';
import { ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { people } from './people';
import classes from './Settings.module.css';
import { texts } from './texts';

const MOST = { params: { query: { limit: 1000 } } };

export default function RetentionPanel() {
  const { data, error, refetch } = $api.useQuery('get', '/api/v1/system/');
  const sites = $api.useQuery('get', '/api/v1/sites/', MOST);
  const connections = $api.useQuery('get', '/api/v1/connections/', MOST);
  if (error && !data) return <ErrorState what={t(texts.retention)} error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading lines={5} height={40} />;
  const own = sites.data?.items.filter((site) => site.readings_keep_days !== null) ?? [];
  const raw = connections.data?.items.filter((one) => one.keep_raw_days > 0) ?? [];
  const names = new Map(sites.data?.items.map(({ id, name }) => [id, name]));
  return (
    <Stack gap="md" maw={900}>
      <span className="dimmed">{t(people.retentionWhy)}</span>
      <table className={classes.kept}>
        <thead>
          <tr>
            <th scope="col">{t(people.kept)}</th>
            <th scope="col">{t(people.keptFor)}</th>
            <th scope="col">{t(people.changedIn)}</th>
          </tr>
        </thead>
        <tbody>
          <Row what={t(people.readings)} days={data.readings_keep_days} where={variable('READINGS_KEEP_DAYS')} />
          {own.map(({ id, name, readings_keep_days }) => (
            <Row
              key={`site-${id}`}
              what={t(people.ofSite, { site: name })}
              days={readings_keep_days ?? data.readings_keep_days}
              where={
                <Link to="/sites/$id" params={{ id: String(id) }} search={{ tab: 'settings' }}>
                  {t(people.itsSettings)}
                </Link>
              }
            />
          ))}
          {raw.map(({ id, site_id, keep_raw_days }) => (
            <Row
              key={`raw-${id}`}
              what={t(people.rawMessages, { site: names.get(site_id) ?? `#${site_id}` })}
              days={keep_raw_days}
              where={
                <Link to="/connections" search={{ edit: id }}>
                  {t(people.itsConnection)}
                </Link>
              }
            />
          ))}
          <Row
            what={t(people.parsingLogs)}
            days={data.parsing_logs_keep_days}
            where={variable('PARSING_LOGS_KEEP_DAYS')}
          />
          <Row
            what={t(people.connectionLogs)}
            days={data.connection_logs_keep_days}
            where={variable('CONNECTION_LOGS_KEEP_DAYS')}
          />
          <Row what={t(people.batches)} days={data.batches_keep_days} where={variable('BATCHES_KEEP_DAYS')} />
        </tbody>
      </table>
    </Stack>
  );
}

function variable(name: string): string {
  return t(people.environment, { name });
}

function Row({ what, days, where }: { what: string; days: number; where: ReactNode }) {
  return (
    <tr>
      <td>{what}</td>
      <td className="numbers">{t(texts.days, { count: days })}</td>
      <td>{where}</td>
    </tr>
  );
}
