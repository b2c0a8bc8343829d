/** A line of a few dozen values without axes: which way something goes. */

import classes from './Sparkline.module.css';

type Props = { values: number[]; label: string; height?: number };

const WIDTH = 120;

export function Trend({ values, label, height = 22 }: Props) {
  if (values.length < 2) return null;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${height}`}
      preserveAspectRatio="none"
      className={classes.trend}
      style={{ height }}
      role="img"
      aria-label={label}
    >
      <path d={pathOf(values, height)} />
    </svg>
  );
}

/** Values that are all the same lie in the middle. */
export function pathOf(values: number[], height: number): string {
  const least = Math.min(...values);
  const range = Math.max(...values) - least;
  const inner = height - 3;
  return values
    .map((value, place) => {
      const x = (WIDTH * place) / (values.length - 1);
      const y = 1.5 + inner * (range ? 1 - (value - least) / range : 0.5);
      return `${place ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
