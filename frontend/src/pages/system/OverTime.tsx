/** The messages of each step of time, as a stack of their fates; or the same as a table. */

import { Button } from '@mantine/core';
import { useState } from 'react';
import { t } from '@/i18n';
import { count, shortMoment } from '@/i18n/format';
import { FATES, type LedgerPoint, type STEP_S } from './ledger';
import classes from './System.module.css';
import { fates, texts } from './texts';

const HEIGHT = 96;

type Props = { points: LedgerPoint[]; step: keyof typeof STEP_S };

export function OverTime({ points, step }: Props) {
  const [isTable, setTable] = useState(false);
  const most = Math.max(...points.map((point) => point.received), 0);
  return (
    <figure className={classes.overTime}>
      <figcaption>
        <span>
          {t(texts.overTime, { step: t(texts[step]) })} · {t(texts.peak, { count: count(most) })}
        </span>
        <Button size="compact-xs" variant="default" onClick={() => setTable(!isTable)}>
          {t(isTable ? texts.asPicture : texts.asTable)}
        </Button>
      </figcaption>
      {isTable ? <Table points={points} /> : <Bars points={points} most={Math.max(1, most)} />}
    </figure>
  );
}

function Bars({ points, most }: { points: LedgerPoint[]; most: number }) {
  const first = points[0];
  const last = points.at(-1);
  return (
    <>
      <svg
        viewBox={`0 0 ${points.length} ${HEIGHT}`}
        height={HEIGHT}
        preserveAspectRatio="none"
        className={classes.bars}
        aria-hidden="true"
        focusable="false"
      >
        {points.map((point, place) => (
          <Bar key={point.at} point={point} place={place} most={most} />
        ))}
      </svg>
      <div className={classes.axis} aria-hidden="true">
        <span>{first && shortMoment(first.at)}</span>
        <span>{last && shortMoment(last.at)}</span>
      </div>
    </>
  );
}

function Bar({ point, place, most }: { point: LedgerPoint; place: number; most: number }) {
  let top = HEIGHT;
  const parts = FATES.filter((fate) => point[fate] > 0);
  return (
    <g>
      <title>{`${shortMoment(point.at)}: ${count(point.received)}. ${parts.map((fate) => `${t(fates[fate])} ${count(point[fate])}`).join(', ')}`}</title>
      <rect x={place} y={0} width={1} height={HEIGHT} fill="transparent" />
      {parts.map((fate) => {
        const tall = Math.max(1.5, (point[fate] / most) * (HEIGHT - 4));
        top -= tall;
        return (
          <rect
            key={fate}
            x={place + 0.1}
            y={top}
            width={0.8}
            height={tall}
            className={classes.ribbon}
            data-part={fate}
          />
        );
      })}
    </g>
  );
}

function Table({ points }: { points: LedgerPoint[] }) {
  const shown = FATES.filter((fate) => points.some((point) => point[fate] > 0));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={t(texts.asTable)}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>{t(texts.time)}</th>
            <th>{t(texts.received)}</th>
            {shown.map((fate) => (
              <th key={fate}>{t(fates[fate])}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points
            .filter((point) => point.received > 0)
            .toReversed()
            .map((point) => (
              <tr key={point.at}>
                <td>{shortMoment(point.at)}</td>
                <td>{count(point.received)}</td>
                {shown.map((fate) => (
                  <td key={fate}>{count(point[fate])}</td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
