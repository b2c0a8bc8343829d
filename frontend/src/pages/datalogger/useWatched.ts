/** A chart that ends now, kept going by the live connection: each reading is drawn when it is stored. */

import { useDocumentVisibility } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { baseOf, extended } from '@/components/charts/extend';
import type { Thinned } from '@/components/charts/series';
import { serverNow } from '@/live/clock';
import type { Telemetry } from '@/live/events';
import { useLive } from '@/live/store';
import { watch } from '@/live/watch';

/** Wider buckets hold too many readings to be told one by one, and change seldom. */
const WIDEST_S = 300;
/** Readings that are held beside a chart before it is read again. */
export const HELD = 5_000;
/** A watched chart is read again as seldom: for readings that came late, of before what is drawn. */
export const REREAD_WATCHED_MS = 300_000;

type Held = { time: number[]; values: (number | null)[][] };

export function useWatched(sensor: number, read: Thinned | undefined, isLive: boolean, readAgain: () => void) {
  const isOpen = useLive((live) => live.isOpen);
  const isInSight = useDocumentVisibility() !== 'hidden';
  const [grown, grow] = useState<{ of: Thinned; chart: Thinned } | null>(null);
  const [isWatched, setWatched] = useState(false);
  const wished = isLive && isOpen && isInSight;

  // biome-ignore lint/correctness/useExhaustiveDependencies: how it is read again is no reason to watch anew
  useEffect(() => {
    const since = read && wished && read.bucket_s <= WIDEST_S ? baseOf(read) : null;
    if (!read || since === null) return;
    const held: Held = { time: [], values: read.series.map(() => []) };
    let isTold = !read.count.some(Boolean);
    let frame = 0;
    const redraw = () => {
      frame = 0;
      grow({ of: read, chart: extended(read, held, serverNow() / 1000) });
    };
    const request = () => {
      if (isTold && !frame) frame = requestAnimationFrame(redraw);
    };
    const stop = watch(sensor, since, (readings) => {
      if (readings.is_cut || held.time.length + readings.time.length > HELD) return readAgain();
      hold(held, readings);
      isTold = true;
      request();
    });
    if (!stop) return;
    setWatched(true);
    const moving = setInterval(request, Math.max(1_000, read.bucket_s * 500));
    return () => {
      stop();
      clearInterval(moving);
      cancelAnimationFrame(frame);
      setWatched(false);
    };
  }, [sensor, read, wished]);

  return { chart: grown && grown.of === read ? grown.chart : read, isWatched };
}

function hold(held: Held, readings: Telemetry): void {
  held.time.push(...readings.time);
  for (const [index, column] of held.values.entries()) {
    const news = readings.values[index] ?? [];
    for (let place = 0; place < readings.time.length; place++) column.push(news[place] ?? null);
  }
}
