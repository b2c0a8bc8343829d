/** Where a point of a chart came from: the reading, and the message that brought it, as far as that is kept. */

import { Button } from '@mantine/core';
import { $api } from '@/api/client';
import { unitOf } from '@/api/sensor';
import type { Sensor } from '@/api/types';
import { ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { moment, number, span } from '@/i18n/format';
import classes from './Datalogger.module.css';
import { type Message, Said } from './Said';
import { lately as texts } from './strings';

type Props = { sensor: Sensor; at: number; widthS: number; zone: string | undefined; onClose: () => void };

export default function Origin({ sensor, at, widthS, zone, onClose }: Props) {
  const query = { at: new Date(at * 1000).toISOString(), width_s: widthS };
  const found = $api.useQuery(
    'get',
    '/api/v1/sensors/{sensor_id}/origin/',
    { params: { path: { sensor_id: sensor.id }, query } },
    { staleTime: 60_000 },
  );
  return (
    <section className={classes.origin} aria-label={t(texts.origin)}>
      <div className={classes.title}>
        <h4>{t(texts.origin)}</h4>
        <Button size="compact-xs" variant="subtle" ml="auto" onClick={onClose}>
          {t(texts.unpin)}
        </Button>
      </div>
      {found.error && <ErrorState what={t(texts.origin)} error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Loading lines={2} height={30} />}
      {found.data && <Found {...found.data} sensor={sensor} zone={zone} />}
    </section>
  );
}

type FoundProps = Pick<Props, 'sensor' | 'zone'> & {
  reading: { time: string; received_at: string; values: number[]; quality: string; claimed_time: string | null } | null;
  message: Message | null;
  keeps_raw_days: number;
};
function Found({ reading, message, keeps_raw_days, sensor, zone }: FoundProps) {
  if (!reading) return <p className="dimmed">{t(texts.noReading)}</p>;
  return (
    <>
      <p className="numbers">
        {reading.values.map((value) => `${number(value)} ${unitOf(sensor)}`.trim()).join(', ')} · {reading.quality} ·{' '}
        {t(texts.measured, { at: moment(reading.time, zone) })} ·{' '}
        {t(texts.received, { at: moment(reading.received_at, zone) })}
        {reading.claimed_time && ` · ${t(texts.claimed, { at: moment(reading.claimed_time, zone) })}`}
      </p>
      {!message && <p className="dimmed">{t(keeps_raw_days ? texts.gone : texts.notKept)}</p>}
      {message && (
        <Said message={message}>
          {t(message.is_exact ? texts.exact : texts.near, { span: span(apart(message, reading)) })}
        </Said>
      )}
    </>
  );
}

function apart(message: Message, reading: { received_at: string }): number {
  return Math.abs(Date.parse(message.received_at) - Date.parse(reading.received_at)) / 1000;
}
