/** A site's one telling value: now, today, and the last 24 hours against the day before. */

import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import type { Site, SiteOverview } from '@/api/types';
import { Loading } from '@/components/states';
import { t } from '@/i18n';
import { number } from '@/i18n/format';
import { serverNow } from '@/live/clock';
import { Headline } from '@/pages/overview/Headline';
import { days, energySince, greatest, midnightIn } from './curve';
import { Failed } from './Failed';
import classes from './Site.module.css';
import { texts } from './strings';

type Told = components['schemas']['CurveOut'];
const HEIGHT = 210;

type Props = { id: number; site: Site; seen: SiteOverview | undefined };

export default function Curve({ id, site, seen }: Props) {
  const told = $api.useQuery(
    'get',
    '/api/v1/sites/{site_id}/curve/',
    { params: { path: { site_id: id } } },
    { refetchInterval: 60_000 },
  );
  if (!told.data && !told.error) return <Loading lines={1} height={300} />;
  if (told.data && !told.data.name) return null;
  return (
    <section className={`card ${classes.panel} ${classes.wide}`}>
      <Failed what={t(texts.theCurve)} query={told} />
      {told.data?.name && <Panel told={told.data} name={told.data.name} site={site} seen={seen} />}
    </section>
  );
}

type PanelProps = { told: Told; name: 'ac_power' | 'tilt'; site: Site; seen: SiteOverview | undefined };

function Panel({ told, name, site, seen }: PanelProps) {
  const { time, today, before } = days(told.time, told.value);
  const most = greatest(today);
  const energy = energySince(midnightIn(site.timezone, serverNow()), told.time, told.value, told.bucket_s);
  return (
    <>
      <div className={classes.head}>
        <h2>{t(texts[name])}</h2>
        <span className={classes.legend}>
          <span>
            <i className={classes.solid} /> {t(texts.today)}
          </span>
          <span>
            <i className={classes.faint} /> {t(texts.before)}
          </span>
        </span>
      </div>
      <div className={classes.numbers}>
        {seen && <Headline site={seen} />}
        {name === 'ac_power' ? (
          <Big value={Math.round(energy)} unit={`${told.unit}h`} about={t(texts.energyToday)} />
        ) : (
          <Big value={most} unit={told.unit} about={t(texts.most24h)} />
        )}
      </div>
      <figure className={classes.figure}>
        <Picture time={time} today={today} before={before} zone={site.timezone} unit={told.unit} />
        <figcaption className="visually-hidden">
          {t(texts[name])}: {t(texts.most24h)}
          {most === null ? '--' : number(most)} {told.unit}
        </figcaption>
      </figure>
    </>
  );
}

function Big({ value, unit, about }: { value: number | null; unit: string; about: string }) {
  return (
    <div>
      <span className={classes.big}>{value === null ? '--' : number(value)}</span>{' '}
      <span className="dimmed">{unit}</span> <span className={classes.small}>{about}</span>
    </div>
  );
}

type PictureProps = ReturnType<typeof days> & { zone: string; unit: string };

function Picture({ time, today, before, zone, unit }: PictureProps) {
  const scheme = useComputedColorScheme('light');
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useRef<uPlot.AlignedData>([time, before, today]);
  data.current = [time, before, today];
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const isDark = scheme === 'dark';
    const ink = isDark ? '#86a9f5' : '#3560c2';
    const axis = { stroke: isDark ? '#a3aeb9' : '#55616d', grid: { stroke: isDark ? '#28313a' : '#e8ecf0', width: 1 }, ticks: { show: false } }; // biome-ignore format: one look
    const chart = new uPlot(
      {
        width: box.clientWidth || 600,
        height: HEIGHT,
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), zone),
        legend: { show: false },
        cursor: { show: false },
        padding: [10, 20, 0, 0], // half of the last time stands beyond the edge,
        scales: { y: { range: (_, low, high) => padded(low, high) } },
        axes: [
          { ...axis, size: 30, values: (_, ticks) => ticks.map((at) => hourIn(zone, at)) },
          { ...axis, size: 46, values: (_, ticks) => ticks.map((value) => number(value)) },
        ],
        series: [
          {},
          { stroke: isDark ? '#5a6672' : '#b3bdc7', width: 1.5, dash: [4, 4], points: { show: false } },
          { stroke: ink, width: 2, fill: `${ink}1c`, points: { show: false } },
        ],
      },
      data.current,
      box,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => {
      if (box.clientWidth) chart.setSize({ width: box.clientWidth, height: HEIGHT });
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [scheme, zone]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: told of new columns, it draws what `data` holds
  useEffect(() => plot.current?.setData(data.current), [time, today, before]);
  return <div ref={place} title={unit} aria-hidden="true" />;
}

function padded(low: number | null, high: number | null): [number, number] {
  const bottom = Math.min(0, low ?? 0);
  const top = high ?? 1;
  return [bottom, top <= bottom ? bottom + 1 : top + (top - bottom) * 0.08];
}

function hourIn(zone: string, at: number): string {
  return new Date(at * 1000).toLocaleTimeString('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
}
