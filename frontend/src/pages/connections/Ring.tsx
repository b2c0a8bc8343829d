/** A circle that fills. Decoration: the words beside it carry the meaning. */

const RADIUS = 7;
const LENGTH = 2 * Math.PI * RADIUS;

export function Ring({ share }: { share: number }) {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" fill="none" strokeWidth="2.5" aria-hidden="true" focusable="false">
      <circle cx="9" cy="9" r={RADIUS} stroke="var(--fl-line)" />
      <circle
        cx="9"
        cy="9"
        r={RADIUS}
        stroke="var(--fl-applying)"
        strokeLinecap="round"
        strokeDasharray={LENGTH}
        strokeDashoffset={LENGTH * (1 - Math.min(1, Math.max(0, share)))}
        transform="rotate(-90 9 9)"
        style={{ transition: 'stroke-dashoffset 1s linear' }}
      />
    </svg>
  );
}
