/** One WebSocket that never gives up: it reconnects with jitter, and at once when the network or the person is back. */

import type { ServerFrame } from './events';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const PING_EVERY_MS = 10_000;
/** Longer than a ping takes to be answered: a connection that is silent for so long after one is dead, whatever it says. */
const SILENT_MS = 9_000;
/** A server whose database does not answer lets in nobody, and is not asked more often for that. */
const OPENING_MS = 30_000;

export type Handlers = {
  onFrame: (frame: ServerFrame) => void;
  /** Frames are missing: what is shown must be read again. */
  onGap: () => void;
  onClose: () => void;
};

export function backoff(attempt: number, random = Math.random()): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10)) * (0.5 + random / 2);
}

export class LiveSocket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private lastSeq = 0;
  private heardAt = 0;
  private pingedAt = 0;
  private startedAt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly address: string,
    private readonly handlers: Handlers,
  ) {}

  start(): void {
    window.addEventListener('online', this.hurry);
    document.addEventListener('visibilitychange', this.hurry);
    this.pulse = setInterval(this.check, PING_EVERY_MS);
    this.connect();
  }

  stop(): void {
    window.removeEventListener('online', this.hurry);
    document.removeEventListener('visibilitychange', this.hurry);
    clearInterval(this.pulse);
    clearTimeout(this.retry);
    this.drop();
  }

  /** Whether it was taken: what cannot be said now is not kept. */
  say(text: string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(text);
    return true;
  }

  private connect(): void {
    clearTimeout(this.retry);
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.lastSeq = 0;
    this.startedAt = this.heardAt = Date.now();
    this.pingedAt = 0;
    socket.onmessage = (message) => this.read(String(message.data));
    socket.onclose = () => this.lose(socket);
  }

  private read(text: string): void {
    const frame = JSON.parse(text) as ServerFrame;
    this.heardAt = Date.now();
    this.attempt = 0;
    const isGap = this.lastSeq > 0 && frame.seq !== this.lastSeq + 1;
    this.lastSeq = frame.seq;
    if (isGap || frame.type === 'lagging') this.handlers.onGap();
    this.handlers.onFrame(frame);
  }

  private lose(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.socket = null;
    this.handlers.onClose();
    this.retry = setTimeout(() => this.connect(), backoff(this.attempt++));
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private readonly hurry = (): void => {
    if (document.visibilityState === 'hidden') return;
    if (this.socket === null) {
      this.attempt = 0;
      this.connect();
    } else {
      this.check();
    }
  };

  private readonly check = (): void => {
    const socket = this.socket;
    if (socket === null) return;
    const now = Date.now();
    if (this.pingedAt > this.heardAt ? now - this.pingedAt > SILENT_MS : this.isStuck(now)) {
      this.drop();
      this.handlers.onClose();
      this.connect();
    } else if (this.pingedAt <= this.heardAt && this.say('{"op":"ping"}')) this.pingedAt = now;
  };

  private isStuck(now: number): boolean {
    return this.socket?.readyState === WebSocket.CONNECTING && now - this.startedAt > OPENING_MS;
  }
}
