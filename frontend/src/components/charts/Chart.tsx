/** uPlot for React: a line of averages in a band from minimum to maximum; where nothing was read, nothing is drawn. */

import { useComputedColorScheme } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { getLanguage } from '@/i18n';
import { number } from '@/i18n/format';
import classes from './Chart.module.css';
import { colours, DASHES } from './palette';
import type { Columns } from './series';

export type Mark = { at: number; text: string };

/** What values should keep; null where there is no limit. */
export type Limits = { lower: number | null; upper: number | null };

type Props = {
  columns: Columns;
  /** One name for each component. */
  names: string[];
  unit: string;
  /** What the whole width shows, in seconds since 1970. */
  from: number;
  to: number;
  timeZone?: string | undefined;
  marks?: Mark[];
  limits?: Limits | undefined;
  height?: number;
  /** Without its times, where another chart stands below. */
  hasTimes?: boolean;
  /** Which colour and dash the first component has. */
  firstColour?: number;
  /** Charts of one group share their crosshair. */
  group?: string;
  /** The person has drawn over a part of it; not on touch screens, where that would be scrolling. */
  onZoom?: ((from: number, to: number) => void) | undefined;
  /** A point was chosen: where its bucket begins, in seconds since 1970. */
  onPin?: ((at: number) => void) | undefined;
  /** What the chart is, and its keys, for those who reach it by keyboard. */
  label?: string | undefined;
};

const NARROWEST_PX = 8;

export function Chart(props: Props) {
  const {
    columns,
    names,
    unit,
    timeZone,
    height = 240,
    group = 'chart',
    hasTimes = true,
    firstColour = 0,
    from,
    to,
    marks,
    limits,
  } = props;
  const scheme = useComputedColorScheme('light');
  const place = useRef<HTMLDivElement>(null);
  const words = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = names.join('\n');

  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const tell = (chart: uPlot) => {
      if (words.current) words.current.textContent = said(chart, latest.current);
    };
    const chart = new uPlot(
      {
        width: box.clientWidth || 600,
        height,
        ...(timeZone ? { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1000), timeZone) } : {}),
        legend: { show: false },
        cursor: {
          sync: { key: group, filters: { pub: (kind) => kind === 'mousemove' || kind === 'mouseleave' } },
          drag: { x: canDraw() && Boolean(latest.current.onZoom), y: false, setScale: false },
          points: { size: 6 },
        },
        scales: {
          x: { time: true, range: () => [latest.current.from, latest.current.to] },
          y: { range: (_, min, max) => heightOf(min, max, latest.current.limits) },
        },
        axes: axes(scheme, unit, hasTimes),
        series: [{}, ...shape.split('\n').flatMap((_, index) => lines(firstColour + index, scheme))],
        bands: shape.split('\n').map((_, index) => ({
          series: [index * 3 + 2, index * 3 + 3],
          fill: `${colours(scheme)[(firstColour + index) % colours(scheme).length]}30`,
        })),
        hooks: {
          setCursor: [tell],
          setData: [tell],
          setSelect: [(drawn) => zoom(drawn, latest.current.onZoom)],
          // Over the grid, whose light lines would shine through the tint, and under the values.
          drawAxes: [
            (drawn) => drawLimits(drawn, latest.current.limits, scheme),
            (drawn) => drawMarks(drawn, latest.current.marks ?? [], scheme),
          ],
        },
      },
      latest.current.columns as uPlot.AlignedData,
      box,
    );
    plot.current = chart;
    chart.over.addEventListener('click', () => pin(chart, latest.current.onPin));
    tell(chart);
    const observer = new ResizeObserver(() => {
      if (box.clientWidth) chart.setSize({ width: box.clientWidth, height });
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [scheme, shape, unit, timeZone, height, group, firstColour, hasTimes]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: ends, marks and limits are read while it is drawn
  useEffect(() => {
    plot.current?.setData(columns as uPlot.AlignedData);
  }, [columns, from, to, marks, limits]);

  return (
    <div className={classes.chart}>
      <div ref={words} className={classes.words} aria-hidden="true" />
      {props.onPin ? (
        <div
          ref={place}
          role="application"
          aria-label={props.label}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the crosshair is moved by keys here
          tabIndex={0}
          onKeyDown={(event) => plot.current && press(event, plot.current, props.onPin)}
        />
      ) : (
        <div ref={place} />
      )}
    </div>
  );
}

/** Left and right move the crosshair from point to point, Enter pins it. */
function press(event: KeyboardEvent, chart: uPlot, onPin: Props['onPin']): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const times = chart.data[0];
  if (step) {
    const now = chart.cursor.idx ?? lastRead(chart.data as unknown as Columns) ?? times.length;
    const next = Math.max(0, Math.min(times.length - 1, now + step));
    chart.setCursor({ left: chart.valToPos(times[next] ?? 0, 'x'), top: 10 });
  } else if (event.key === 'Enter') pin(chart, onPin);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function pin(chart: uPlot, onPin: Props['onPin']): void {
  const at = chart.data[0][chart.cursor.idx ?? -1];
  if (at !== undefined && chart.select.width < NARROWEST_PX) onPin?.(at);
}

function canDraw(): boolean {
  return !window.matchMedia('(pointer: coarse)').matches;
}

function lines(index: number, scheme: 'light' | 'dark'): uPlot.Series[] {
  const stroke = colours(scheme)[index % colours(scheme).length];
  const hidden = { stroke: 'transparent', width: 0, points: { show: false } };
  return [{ stroke, width: 1.6, dash: DASHES[index % DASHES.length] ?? [], spanGaps: false }, hidden, hidden];
}

function axes(scheme: 'light' | 'dark', unit: string, hasTimes: boolean): uPlot.Axis[] {
  const ink = scheme === 'dark' ? '#a3aeb9' : '#55616d';
  const grid = { stroke: scheme === 'dark' ? '#28313a' : '#e7ebef', width: 1 };
  const font = '11px "Inter", system-ui, "DejaVu Sans", sans-serif';
  const common = { stroke: ink, grid, ticks: { ...grid, size: 4 }, font };
  return [
    { ...common, values: hasTimes ? TIMES : (_, splits) => splits.map(() => ''), size: hasTimes ? 44 : 8 },
    {
      ...common,
      size: 62,
      space: 26,
      values: (_, splits) => splits.map((value) => (value === null ? '' : number(value))),
      label: unit,
      labelSize: unit ? 18 : 0,
      labelFont: font,
    },
  ];
}

const DAY = '\n{D} {MMM}';
/** [at least so many seconds between ticks, usual, at a new year, month, day, …]: 24 hours, day before month. */
const TIMES: uPlot.Axis.Values = [
  [3600 * 24 * 365, '{YYYY}', null, null, null, null, null, null, 1],
  [3600 * 24 * 28, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [3600 * 24, '{D} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', DAY, null, DAY, null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', DAY, null, DAY, null, null, null, 1],
  [0.001, ':{ss}.{fff}', DAY, null, DAY, null, null, null, 1],
];

/** What stands under the crosshair, or at the end. */
function said(chart: uPlot, { names, unit, timeZone }: Props): string {
  const place = chart.cursor.idx ?? lastRead(chart.data as unknown as Columns);
  const at = place == null ? undefined : chart.data[0]?.[place];
  if (place == null || at === undefined) return '';
  const time = new Date(at * 1000).toLocaleString(getLanguage(), {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
    timeZone,
  });
  const values = names.map((name, index) => {
    const [avg, max, min] = [1, 2, 3].map((which) => chart.data[index * 3 + which]?.[place]);
    const label = name === 'value' ? '' : `${name} `;
    if (avg == null) return `${label}–`;
    const band = min === max || min == null || max == null ? '' : ` (${number(min)} … ${number(max)})`;
    return `${label}${number(avg)}${unit ? ` ${unit}` : ''}${band}`;
  });
  return `${time}   ${values.join('   ')}`;
}

function lastRead(columns: Columns): number | null {
  for (let place = columns[0].length - 1; place >= 0; place--) if (columns[1]?.[place] != null) return place;
  return null;
}

function zoom(chart: uPlot, onZoom: Props['onZoom']): void {
  const { left, width } = chart.select;
  if (width < NARROWEST_PX) return;
  chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  onZoom?.(chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x'));
}

/** Limits are in sight where the values come near them; far ones would flatten the values. */
function heightOf(min: number | null, max: number | null, limits?: Limits): uPlot.Range.MinMax {
  if (min === null || max === null) return [null, null];
  const room = max - min || Math.abs(max) || 1;
  const near = [limits?.lower, limits?.upper].filter(
    (limit): limit is number => limit != null && limit > min - room && limit < max + room,
  );
  return uPlot.rangeNum(Math.min(min, ...near), Math.max(max, ...near), 0.1, true);
}

/** A line for each limit, and a tint over what lies beyond it. */
function drawLimits(chart: uPlot, limits: Limits | undefined, scheme: 'light' | 'dark'): void {
  if (!limits) return;
  const { ctx, bbox } = chart;
  const bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = scheme === 'dark' ? '#ff8f86' : '#b3261e';
  ctx.fillStyle = `${ctx.strokeStyle}18`;
  ctx.lineWidth = devicePixelRatio;
  for (const [limit, edge] of [
    [limits.lower, bottom],
    [limits.upper, bbox.top],
  ] as const) {
    if (limit == null) continue;
    const y = Math.round(chart.valToPos(limit, 'y', true));
    ctx.fillRect(bbox.left, Math.min(y, edge), bbox.width, limit === limits.lower ? bottom - y : y - bbox.top);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** Dashed lines where something happened, with a word at the top. */
function drawMarks(chart: uPlot, marks: Mark[], scheme: 'light' | 'dark'): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = scheme === 'dark' ? '#f58a54' : '#c2500f';
  ctx.fillStyle = ctx.strokeStyle;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  let free = 0;
  for (const { at, text } of marks) {
    const x = Math.round(chart.valToPos(at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(text).width + 8;
    const start = x + width > bbox.left + bbox.width ? x - width : x + 4;
    if (start >= free) {
      ctx.fillText(text, start, bbox.top + 12 * devicePixelRatio);
      free = start + width;
    }
  }
  ctx.restore();
}
