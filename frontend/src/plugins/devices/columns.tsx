/** The columns of the devices list, and a device as a card on a phone. */

import { useLongPress } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import type { MouseEvent } from 'react';
import { expectedEvery } from '@/api/interval';
import type { Datalogger } from '@/api/types';
import type { Column } from '@/components/DataTable';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusBadge } from '@/components/StatusBadge';
import { t } from '@/i18n';
import { reasons, words } from '@/i18n/common';
import { moment, shortMoment } from '@/i18n/format';
import classes from './Devices.module.css';
import type { OptionalColumn } from './search';
import { bulk, texts } from './strings';
import type { Selection } from './useSelection';
import { Values } from './values';

/** "Offline, its gateway is offline". */
export function presence(device: Datalogger): string {
  const word = t(words[device.status]);
  return device.offline_reason ? `${word}, ${t(reasons[device.offline_reason])}` : word;
}

const status = (device: Datalogger) => <StatusBadge word={device.status} title={presence(device)} />;

const serial = (device: Datalogger) => (
  <Link to="/dataloggers/$id" params={{ id: String(device.id) }} className="row-link">
    {device.name || device.serial}
    {device.name && <span className={classes.serial}>{device.serial}</span>}
  </Link>
);

const site = (device: Datalogger) => (
  <Link to="/sites/$id" params={{ id: String(device.site_id) }} className="row-link plain">
    {device.site_name}
  </Link>
);

/** Chooses a device for what is done with several. */
export function Choice({ device, selection }: { device: Datalogger; selection: Selection }) {
  return (
    <input
      type="checkbox"
      className={classes.choice}
      aria-label={t(bulk.selectOne, { serial: device.serial })}
      checked={selection.has(device.id)}
      onChange={() => selection.toggle(device)}
    />
  );
}

export function deviceColumns(shown: OptionalColumn[], hasSite: boolean, selection: Selection): Column<Datalogger>[] {
  const isHidden = (name: OptionalColumn) => !shown.includes(name);
  return [
    {
      id: 'select',
      header: t(bulk.select),
      width: 74,
      cell: (row) => <Choice device={row} selection={selection} />,
      isHidden: !selection.isOn,
    },
    { id: 'status', header: t(texts.status), sort: 'status', width: 108, cell: status },
    { id: 'serial', header: t(texts.name), sort: 'serial', cell: serial },
    {
      id: 'kind',
      header: t(texts.kind),
      sort: 'kind',
      width: 120,
      cell: (row) => row.kind,
      isHidden: isHidden('kind'),
    },
    {
      id: 'site',
      header: t(texts.site),
      sort: 'site_name',
      width: 170,
      cell: site,
      isHidden: isHidden('site') || !hasSite,
    },
    {
      id: 'gateway',
      header: t(texts.gateway),
      width: 170,
      cell: (row) => row.gateway_serial ?? '',
      isHidden: isHidden('gateway'),
    },
    {
      id: 'latest',
      header: t(texts.latest),
      width: selection.isOn ? '24%' : '30%', // a serial is never cut for values, of which the rest is on its page
      cell: (row) => <Values device={row} />,
      isHidden: isHidden('latest'),
    },
    {
      id: 'interval',
      header: t(texts.interval),
      sort: 'expected_interval_s',
      width: 138,
      align: 'right',
      cell: (row) => expectedEvery(row),
      isHidden: isHidden('interval'),
    },
    {
      id: 'tags',
      header: t(texts.tags),
      width: 150,
      cell: (row) => row.tags.join(', '),
      isHidden: isHidden('tags'),
    },
    {
      id: 'firmware',
      header: t(texts.firmware),
      sort: 'firmware',
      width: 96,
      cell: (row) => row.firmware,
      isHidden: isHidden('firmware'),
    },
    {
      id: 'first_seen',
      header: t(texts.first_seen),
      sort: 'first_seen_at',
      width: 128,
      align: 'right',
      cell: (row) => <time title={moment(row.first_seen_at)}>{shortMoment(row.first_seen_at)}</time>,
      isHidden: isHidden('first_seen'),
    },
    {
      id: 'last_seen',
      header: t(texts.lastSeen),
      sort: 'last_seen_at',
      width: 140,
      align: 'right',
      cell: (row) => <RelativeTime at={row.last_seen_at} />,
    },
  ];
}

/** A long press selects it, and begins selecting; the button Select does the same. */
export function DeviceCard({ device, selection }: { device: Datalogger; selection: Selection }) {
  const press = useLongPress(() => selection.toggle(device), {
    events: ['touch'],
    cancelOnMove: true,
    onFinish: (event) => event.preventDefault(), // lest the finger that is lifted opens the device
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the checkbox that it shows, and the button Select, do the same
    <div className={classes.card} {...press} onContextMenu={notByTouch}>
      <div className={classes.cardTop}>
        {selection.isOn && <Choice device={device} selection={selection} />}
        {serial(device)}
        <StatusBadge word={device.status} title={presence(device)} />
      </div>
      <Values device={device} most={2} />
      <div className={classes.cardFoot}>
        <span>{[device.kind, device.site_name, ...device.tags].filter(Boolean).join(' · ')}</span>
        <RelativeTime at={device.last_seen_at} />
      </div>
    </div>
  );
}

/** The browser's own answer to a long press would lie over ours. */
function notByTouch(event: MouseEvent<HTMLElement>): void {
  if (event.nativeEvent instanceof PointerEvent && event.nativeEvent.pointerType === 'touch') event.preventDefault();
}
