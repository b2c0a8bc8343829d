/** Counts by minute as small bars in one path; a minute without any is a dot on the line. */

import classes from './Sparkline.module.css';

const STEP = 4;
const HEIGHT = 24;

type Props = {
  values: number[];
  /** What it shows, in words, for those who do not see it. */
  label: string;
  /** The last value is still growing. */
  isRunning?: boolean;
  height?: number;
};

export function Sparkline({ values, label, isRunning = true, height = 28 }: Props) {
  const most = Math.max(1, ...values);
  const bars: string[] = [];
  const gaps: string[] = [];
  values.forEach((value, index) => {
    const x = index * STEP + STEP / 2;
    if (value > 0) bars.push(`M${x} ${HEIGHT}V${(HEIGHT - Math.max(2, (value / most) * HEIGHT)).toFixed(1)}`);
    else if (!isRunning || index < values.length - 1) gaps.push(`M${x} ${HEIGHT}v-1.5`);
  });
  return (
    <svg
      className={classes.spark}
      style={{ height }}
      viewBox={`0 0 ${values.length * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={gaps.join('')} className={classes.gap} />
      <path d={bars.join('')} className={classes.bar} />
    </svg>
  );
}
