/** A device beside the list: who it is, whether it speaks, and everything it measured last. */

import { Drawer } from '@mantine/core';
import { $api } from '@/api/client';
import { expectedEvery } from '@/api/interval';
import { labelOf, unitOf } from '@/api/sensor';
import { LinkButton } from '@/components/LinkButton';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusBadge } from '@/components/StatusBadge';
import { ErrorState, Loading } from '@/components/states';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { presence } from './columns';
import classes from './Devices.module.css';
import { texts } from './strings';
import { measured } from './values';

const SENSORS = 200;

export default function Preview({ id, onClose }: { id: number; onClose: () => void }) {
  const device = $api.useQuery('get', '/api/v1/dataloggers/{datalogger_id}/', {
    params: { path: { datalogger_id: id } },
  });
  const sensors = $api.useQuery('get', '/api/v1/sensors/', { params: { query: { datalogger: id, limit: SENSORS } } });
  const row = device.data;
  return (
    <Drawer
      opened
      closeButtonProps={{ 'aria-label': t(common.close) }}
      onClose={onClose}
      position="right"
      size={420}
      title={<strong>{row ? [row.name, row.serial].filter(Boolean).join(' · ') : '…'}</strong>}
    >
      {device.error && <ErrorState what={t(texts.theDevices)} error={device.error} />}
      {!row && !device.error && <Loading lines={5} />}
      {row && (
        <>
          <dl className={classes.facts}>
            <dt>{t(texts.status)}</dt>
            <dd>
              <StatusBadge word={row.status} label={presence(row)} />
            </dd>
            <dt>{t(texts.lastSeen)}</dt>
            <dd>
              <RelativeTime at={row.last_seen_at} />
            </dd>
            <dt>{t(texts.interval)}</dt>
            <dd>{expectedEvery(row)}</dd>
            <dt>{t(texts.kind)}</dt>
            <dd>{row.kind || '--'}</dd>
            <dt>{t(texts.site)}</dt>
            <dd>{row.site_name}</dd>
            <dt>{t(texts.gateway)}</dt>
            <dd>{row.gateway_serial ?? '--'}</dd>
            <dt>{t(texts.firmware)}</dt>
            <dd>{row.firmware || '--'}</dd>
            <dt>{t(texts.first_seen)}</dt>
            <dd>
              <RelativeTime at={row.first_seen_at} />
            </dd>
          </dl>
          <table className={classes.sensors}>
            <caption className="visually-hidden">{t(texts.values)}</caption>
            <tbody>
              {sensors.data?.items.map((sensor) => (
                <tr key={sensor.id}>
                  <th scope="row" title={sensor.key}>
                    {labelOf(sensor)}
                  </th>
                  <td className={row.status === 'online' ? undefined : classes.old}>
                    {measured(sensor)} <span className={classes.unit}>{unitOf(sensor)}</span>
                  </td>
                  <td>
                    <RelativeTime at={sensor.latest_received_at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {sensors.data?.items.length === 0 && <p className="dimmed">{t(texts.noValues)}</p>}
          <LinkButton to="/dataloggers/$id" params={{ id: String(id) }} fullWidth>
            {t(texts.openPage)}
          </LinkButton>
        </>
      )}
    </Drawer>
  );
}
