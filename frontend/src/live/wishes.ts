/** When a wish becomes a fact: what a countdown says, from the moment of the wish until a listener has acted. */

export type Wished = { is_active: boolean; status: string };

export function isOpen(status: string): boolean {
  return status === 'connected';
}

/** Whether the connection is not yet what it is wished to be, and a reconcile has still to apply that. */
export function isPending({ is_active, status }: Wished): boolean {
  return is_active ? status === 'disconnected' : status !== 'disconnected';
}

type Pending = { isActive: boolean; dueAt: number };
const pending = new Map<number, Pending>();

/** When the wish of this site is due, remembered from when it was first seen; null when there is nothing to wait for. */
export function dueAt(siteId: number, wished: Wished, nextReconcileAt: number): number | null {
  if (!isPending(wished)) {
    pending.delete(siteId);
    return null;
  }
  const known = pending.get(siteId);
  if (known?.isActive === wished.is_active) return known.dueAt;
  pending.set(siteId, { isActive: wished.is_active, dueAt: nextReconcileAt });
  return nextReconcileAt;
}

export function forgetWishes(): void {
  pending.clear();
}

export type Countdown = {
  phase: 'counting' | 'applying' | 'waiting' | 'silent';
  /** Until it is due; 0 afterwards. */
  secondsLeft: number;
  /** How much of the period has passed, 0 to 1. */
  share: number;
};

/** Listeners take a few seconds to act after a reconcile; a whole period later something is amiss. */
export function countdown(now: number, due: number, periodS: number): Countdown {
  const late = (now - due) / 1000;
  const secondsLeft = Math.max(0, Math.ceil(-late));
  const share = Math.min(1, Math.max(0, 1 + late / periodS));
  const phase = late < 0 ? 'counting' : late < periodS ? 'applying' : late < 1.5 * periodS ? 'waiting' : 'silent';
  return { phase, secondsLeft, share };
}
