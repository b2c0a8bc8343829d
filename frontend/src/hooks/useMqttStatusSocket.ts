/** Keeps what is on the screen true: live news is merged, patched into React Query, and read again where it was missed. */

import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '@/api/client';
import { observeServerTime, serverNow } from '@/live/clock';
import type { Established, FrameType, Interruption, ServerFrame } from '@/live/events';
import { line } from '@/live/line';
import { News } from '@/live/news';
import { patchAll } from '@/live/patch';
import { LiveSocket } from '@/live/socket';
import { getLive, isLive, setLive } from '@/live/store';
import { Throttle } from '@/live/throttle';

export const FLUSH_MS = 250;
export const LISTS_MS = 1_000;
export const SUMS_MS = 15_000;
export const POLL_AFTER_MS = 15_000;
const POLL_EVERY_MS = 15_000;

const CONNECTIONS = '/api/v1/mqtt/connection-status/';
const SITE_CONNECTION = '/api/v1/mqtt/site/{site_id}/status/';

/** What each kind of news makes stale beyond what it patches: lists within a second, sums within a quarter minute. */
const LISTS: Partial<Record<FrameType, string[]>> = {
  mqtt_status: ['/api/v1/overview/', '/api/v1/connection-logs/'],
  sensor_offline: ['/api/v1/overview/', '/api/v1/dataloggers/facets/'],
  sensor_online: ['/api/v1/overview/', '/api/v1/dataloggers/facets/'],
  parse_failed: ['/api/v1/parsing-groups/'],
  reconcile_tick: [CONNECTIONS, SITE_CONNECTION],
};
const SUMS: Partial<Record<FrameType, string[]>> = {
  datalogger_update: ['/api/v1/overview/', '/api/v1/dataloggers/facets/'],
  topic_discovered: ['/api/v1/topic-tree/', '/api/v1/discovered-topics/'],
  parse_failed: ['/api/v1/parsing-logs/'],
};

/** One live connection for the whole application; whoever needs its state reads `useLive`. */
export function useMqttStatusSocket(address: string = liveAddress()): void {
  const client = useQueryClient();
  useEffect(() => {
    const feed = new LiveFeed(client, address);
    feed.start();
    return () => feed.stop();
  }, [client, address]);
}

export function liveAddress(): string {
  return `${window.location.origin.replace(/^http/, 'ws')}/ws/mqtt/status/`;
}

export class LiveFeed {
  private news = new News();
  private isStopped = false;
  private readonly stale = { lists: new Set<string>(), sums: new Set<string>() };
  private poll: ReturnType<typeof setTimeout> | undefined;
  private readonly socket: LiveSocket;
  private readonly flush = new Throttle(FLUSH_MS, () => this.patch());
  private readonly lists = new Throttle(LISTS_MS, () => this.refresh(this.stale.lists));
  private readonly sums = new Throttle(SUMS_MS, () => this.refresh(this.stale.sums));

  constructor(
    private readonly client: QueryClient,
    address: string,
  ) {
    this.socket = new LiveSocket(address, {
      onFrame: (frame) => this.take(frame),
      onGap: () => this.readAgain(),
      onClose: () => this.close(),
    });
  }

  start(): void {
    this.socket.start();
    line.say = (text) => this.socket.say(text);
    this.poll = setTimeout(() => this.ask(), POLL_AFTER_MS);
  }

  stop(): void {
    this.isStopped = true;
    this.socket.stop();
    clearTimeout(this.poll);
    for (const throttle of [this.flush, this.lists, this.sums]) throttle.cancel();
  }

  private take(frame: ServerFrame): void {
    if (frame.type === 'connection_established') this.open(frame.data);
    if (frame.type === 'interruption') this.interrupt(frame.data);
    if (isLive(getLive())) setLive({ heardAt: Date.parse(frame.ts) });
    if (frame.type === 'reconcile_tick') {
      const { finished_at, next_at } = frame.data;
      setLive({ reconciledAt: Date.parse(finished_at), nextReconcileAt: Date.parse(next_at) });
    }
    if (frame.type === 'telemetry') line.hear(frame.data);
    if (frame.type === 'topic_discovered') setLive({ newTopics: getLive().newTopics + frame.data.topics.length });
    this.news.add(frame);
    if (!this.news.isEmpty) this.flush.request();
    this.mark(LISTS[frame.type], this.stale.lists, this.lists);
    this.mark(SUMS[frame.type], this.stale.sums, this.sums);
  }

  private mark(paths: string[] | undefined, stale: Set<string>, throttle: Throttle): void {
    if (!paths) return;
    for (const path of paths) stale.add(path);
    throttle.request();
  }

  private open(said: Established): void {
    clearTimeout(this.poll);
    observeServerTime(Date.parse(said.server_time), true);
    setLive({
      isOpen: true,
      closedAt: null,
      interruption: null,
      build: said.build,
      sites: said.sites,
      nextReconcileAt: Date.parse(said.next_reconcile_at),
      reconcilePeriodS: said.reconcile_period_s,
    });
    this.readAgain(); // what was read before this moment may have missed news
  }

  /** What was hindered is read again when it no longer is. */
  private interrupt({ cause, since }: Interruption): void {
    setLive({ interruption: cause ? { cause, since: Date.parse(since) } : null });
    if (!cause) this.readAgain();
  }

  private close(): void {
    if (!getLive().isOpen && getLive().closedAt !== null) return;
    setLive({ isOpen: false, closedAt: Date.now() });
    clearTimeout(this.poll);
    this.poll = setTimeout(() => this.ask(), POLL_AFTER_MS);
  }

  private readAgain(): void {
    this.news = new News();
    void this.client.invalidateQueries({ refetchType: 'active' });
  }

  /** Without a live connection the state of the links is asked for; an answer is no promise that anything else is fresh. */
  private async ask(): Promise<void> {
    try {
      const { data } = await api.GET(CONNECTIONS);
      if (data) setLive({ heardAt: serverNow() });
      const paths = new Set([CONNECTIONS, SITE_CONNECTION, '/api/v1/overview/']);
      this.refresh(paths);
    } catch {
      // The bar says already that there is no connection.
    }
    if (!getLive().isOpen && !this.isStopped) this.poll = setTimeout(() => this.ask(), POLL_EVERY_MS);
  }

  private patch(): void {
    const news = this.news;
    this.news = new News();
    patchAll(this.client, news);
  }

  private refresh(paths: Set<string>): void {
    for (const path of paths) void this.client.invalidateQueries({ queryKey: ['get', path], refetchType: 'active' });
    paths.clear();
  }
}
