/** How many devices are online, offline and unknown, as one thin bar; the words stand beside it. */

import classes from './Shares.module.css';

type Props = { online: number; offline: number; unknown: number };

export function Shares({ online, offline, unknown }: Props) {
  if (online + offline + unknown === 0) return <div className={classes.bar} />;
  return (
    <div className={classes.bar} aria-hidden="true">
      {online > 0 && <span style={{ flexGrow: online, background: 'var(--fl-live)' }} />}
      {offline > 0 && <span style={{ flexGrow: offline, background: 'var(--fl-quiet)' }} />}
      {unknown > 0 && <span style={{ flexGrow: unknown, background: 'var(--fl-waiting)', opacity: 0.5 }} />}
    </div>
  );
}
