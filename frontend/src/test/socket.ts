/** A WebSocket whose other end the test holds. */

import type { ServerFrame } from '@/live/events';

type Said<Frame> = Frame extends ServerFrame ? Omit<Frame, 'v' | 'seq' | 'ts' | 'alias'> : never;

export class TestSocket {
  static readonly OPEN = 1;
  static all: TestSocket[] = [];
  static get last(): TestSocket {
    const socket = TestSocket.all.at(-1);
    if (!socket) throw new Error('nobody has connected');
    return socket;
  }

  readyState = TestSocket.OPEN;
  sent: string[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  private seq = 0;

  constructor(readonly url: string) {
    TestSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
  }

  /** The server says something; `seq` counts by itself. */
  say(frame: Said<ServerFrame> & { ts?: string; seq?: number }): void {
    this.seq = frame.seq ?? this.seq + 1;
    const ts = frame.ts ?? new Date().toISOString();
    this.onmessage?.({ data: JSON.stringify({ v: 1, ...frame, ts, seq: this.seq }) });
  }

  establish(about: Record<string, unknown> = {}): void {
    const now = new Date().toISOString();
    const data = {
      protocol: 1, server_time: now, seq: 1, build: '1', reconcile_period_s: 30, next_reconcile_at: now,
      role: 'operator', sites: [], ...about,
    }; // biome-ignore format: a list
    this.say({ type: 'connection_established', site_id: null, data } as never);
  }

  cut(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}
