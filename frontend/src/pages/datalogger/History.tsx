/** The charts of the picked sensors: one stretch of time, one crosshair, live while it ends now. */

import { Button, Group, SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { $api } from '@/api/client';
import type { Datalogger, Sensor } from '@/api/types';
import type { Mark } from '@/components/charts/Chart';
import { charts } from '@/components/charts/strings';
import { Icon } from '@/components/icons';
import { EmptyState } from '@/components/states';
import { useKeys } from '@/hooks/useKeys';
import { t } from '@/i18n';
import { clock } from '@/i18n/format';
import { serverNow } from '@/live/clock';
import { CustomRange } from './CustomRange';
import classes from './Datalogger.module.css';
import { DEFAULT_RANGE, fixedStretch, type Move, moved, type Stretch, spanOf, stretchAt, stretched } from './ranges';
import { SensorChart } from './SensorChart';
import { RANGES, type RangeName } from './search';
import { datalogger as texts } from './strings';

const route = getRouteApi('/dataloggers/$id');
const MOVES: [Move, 'left' | 'right' | 'plus' | 'minus'][] = [
  ['earlier', 'left'],
  ['later', 'right'],
  ['closer', 'plus'],
  ['wider', 'minus'],
];

type Props = { device: Datalogger; sensors: Sensor[]; zone: string | undefined };

export function History({ device, sensors, zone }: Props) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [pausedAt, setPausedAt] = useState<number | null>(null);
  const fixed = fixedStretch(search);
  const isLive = !fixed && pausedAt === null;
  const marks = useMarks(device, spanOf(search), fixed);

  const change = (next: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  const show = ({ from, to }: Stretch) => change({ from, to });
  const move = (which: Move) => {
    const nowS = serverNow() / 1000;
    show(moved(stretchAt(search, nowS), which, nowS));
  };
  const pause = () => setPausedAt((before) => (before === null ? serverNow() / 1000 : null));
  useKeys([
    ['p', () => !fixed && pause()],
    ['ArrowLeft', () => move('earlier')],
    ['ArrowRight', () => move('later')],
  ]);

  return (
    <section className={classes.history} aria-label={t(texts.charts)}>
      <div className={classes.bar}>
        <h2>{t(texts.charts)}</h2>
        <LiveChip
          fixed={fixed}
          pausedAt={pausedAt}
          onPause={pause}
          onNow={() => change({ from: undefined, to: undefined })}
        />
        <Group gap={8} ml="auto">
          <SegmentedControl
            size="xs"
            aria-label={t(texts.range)}
            data={[...RANGES]}
            value={fixed ? '' : (search.range ?? DEFAULT_RANGE)}
            onChange={(range) => {
              setPausedAt(null);
              change({ range: range as RangeName, from: undefined, to: undefined });
            }}
          />
          <CustomRange stretch={stretchAt(search, serverNow() / 1000)} onShow={show} />
          <Group gap={2}>
            {MOVES.map(([which, icon]) => (
              <Button
                key={which}
                size="xs"
                px={7}
                variant="default"
                aria-label={t(texts[which])}
                title={t(texts[which])}
                onClick={() => move(which)}
              >
                {icon === 'minus' ? '−' : <Icon name={icon} size={15} />}
              </Button>
            ))}
          </Group>
          <SegmentedControl
            size="xs"
            aria-label={t(texts.charts)}
            data={[
              { value: 'chart', label: t(charts.chart) },
              { value: 'table', label: t(charts.table) },
            ]}
            value={search.table ? 'table' : 'chart'}
            onChange={(value) => change({ table: value === 'table' || undefined })}
          />
        </Group>
      </div>
      {!sensors.length && <EmptyState title={t(texts.pickSome)} icon="up" />}
      {sensors.map((sensor) => (
        <SensorChart
          key={sensor.id}
          sensor={sensor}
          fixed={fixed}
          spanS={spanOf(search)}
          pausedAt={pausedAt}
          isLive={isLive}
          isTable={search.table ?? false}
          zone={zone}
          marks={marks}
          onZoom={(from, to) => show(stretched(from, to, serverNow() / 1000))}
        />
      ))}
      {sensors.length > 0 && (
        <p className={classes.note}>
          {zone && t(texts.zoneOf, { zone })} <span className={classes.forMouse}>· {t(texts.hint)}</span>
        </p>
      )}
    </section>
  );
}

type ChipProps = { fixed: Stretch | null; pausedAt: number | null; onPause: () => void; onNow: () => void };

function LiveChip({ fixed, pausedAt, onPause, onNow }: ChipProps) {
  if (fixed) {
    return (
      <Group gap={8}>
        <span className={classes.chip}>{t(texts.past)}</span>
        <Button size="xs" variant="default" onClick={onNow}>
          {t(texts.backToNow)}
        </Button>
      </Group>
    );
  }
  return (
    <Group gap={8}>
      <span className={classes.chip} data-live={pausedAt === null || undefined}>
        {pausedAt === null ? t(texts.live) : t(texts.pausedAt, { time: clock(pausedAt * 1000) })}
      </span>
      <Button
        size="xs"
        variant="default"
        aria-keyshortcuts="p"
        leftSection={<Icon name={pausedAt === null ? 'pause' : 'play'} size={13} />}
        onClick={onPause}
      >
        {t(pausedAt === null ? texts.pause : texts.resume)}
      </Button>
    </Group>
  );
}

/** When the device fell silent, and when the link of its site was lost. */
function useMarks(device: Datalogger, spanS: number, fixed: Stretch | null): Mark[] {
  const to = fixed?.to ?? Math.ceil(serverNow() / 60_000) * 60;
  const from = fixed?.from ?? to - spanS - 60;
  const lost = $api.useQuery('get', '/api/v1/connection-logs/', {
    params: {
      query: {
        site: device.site_id,
        level: 'WARNING',
        from: new Date(from * 1000).toISOString(),
        to: new Date(to * 1000).toISOString(),
        limit: 200,
      },
    },
  });
  return useMemo(() => {
    const marks = (lost.data?.items ?? [])
      .filter((line) => line.retry_attempt === 1)
      .map((line) => ({ at: Date.parse(line.timestamp) / 1000, text: t(texts.linkMark) }));
    if (device.status === 'offline')
      marks.push({ at: Date.parse(device.status_since) / 1000, text: t(texts.offlineMark) });
    return marks.sort((one, other) => one.at - other.at);
  }, [lost.data, device.status, device.status_since]);
}
