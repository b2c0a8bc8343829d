/** The gaps in a sensor's last day, each with a button that asks the device for what is missing. */

import { Button, NativeSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import { fullLabelOf } from '@/api/sensor';
import type { Datalogger } from '@/api/types';
import { ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { shortMoment, span } from '@/i18n/format';
import { COMMANDS } from './CommandQueue';
import { commands as texts } from './commandStrings';
import classes from './Datalogger.module.css';

export function Gaps({ device }: { device: Datalogger }) {
  const client = useQueryClient();
  const sensors = $api.useQuery('get', '/api/v1/sensors/', {
    params: { query: { datalogger: device.id, limit: 200 } },
  });
  const [chosen, choose] = useState<number | null>(null);
  const rows = sensors.data?.items ?? [];
  const sensor_id = chosen ?? rows[0]?.id;
  const found = $api.useQuery(
    'get',
    '/api/v1/sensors/{sensor_id}/gaps/',
    { params: { path: { sensor_id: sensor_id ?? 0 }, query: {} } },
    { enabled: sensor_id !== undefined },
  );
  const fill = $api.useMutation('post', COMMANDS, {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', COMMANDS] }),
  });
  if (sensor_id === undefined) return null;
  return (
    <div className={classes.queue}>
      <h3>{t(texts.gaps)}</h3>
      <NativeSelect
        size="xs"
        w={220}
        aria-label={t(texts.gapsOf)}
        value={String(sensor_id)}
        onChange={(event) => choose(Number(event.currentTarget.value))}
        data={rows.map((row) => ({ value: String(row.id), label: fullLabelOf(row) }))}
      />
      {found.error != null && (
        <ErrorState what={t(texts.gaps)} error={found.error} onRetry={() => void found.refetch()} />
      )}
      {found.isPending && <Loading lines={1} />}
      {found.data?.gaps.length === 0 && (
        <p className="dimmed">{t(device.status === 'offline' ? texts.noGapsUntil : texts.noGaps)}</p>
      )}
      {found.data?.reason && <p>{found.data.reason}</p>}
      {fill.error != null && <p role="alert">{fill.error instanceof Error ? fill.error.message : ''}</p>}
      <ul aria-label={t(texts.gaps)}>
        {found.data?.gaps.map(({ start, end, seconds, command }) => (
          <li key={start}>
            <div className={classes.command}>
              {shortMoment(start)} – {shortMoment(end)} · {span(seconds)}
            </div>
            {command && (
              <Button
                size="compact-xs"
                variant="default"
                disabled={fill.isPending}
                onClick={() => fill.mutate({ body: command })}
              >
                {t(texts.fill)}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
