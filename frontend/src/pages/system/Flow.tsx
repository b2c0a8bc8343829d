/** Received on the left, the fates on the right, as thick as they are many. */

import { Link } from '@tanstack/react-router';
import { getLanguage, t } from '@/i18n';
import { count } from '@/i18n/format';
import { type Part, percent, type Ribbon, ribbons, type Sums } from './ledger';
import classes from './System.module.css';
import { fates, reasons, texts } from './texts';

const HEIGHT = 190;
const WIDTH = 100;
/** Where one sees more of such messages. */
const MORE: Partial<Record<Part, string>> = { failed: '/logs/parsing', unrecognised: '/topics', ignored: '/topics' };

export function Flow({ total }: { total: Sums }) {
  const { ribbons: found, height } = ribbons(total, HEIGHT);
  return (
    <div className={classes.flow} style={{ height }}>
      <div className={classes.source}>
        <strong className="numbers">{count(total.received)}</strong>
        <span>{t(texts.received)}</span>
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {found.map((ribbon) => (
          <path key={ribbon.part} d={shape(ribbon)} className={classes.ribbon} data-part={ribbon.part} />
        ))}
      </svg>
      <ul className={classes.fates}>
        {found.map((ribbon) => (
          <li key={ribbon.part} style={{ top: ribbon.to.top + ribbon.to.height / 2 }} data-part={ribbon.part}>
            <span className={classes.swatch} data-part={ribbon.part} />
            <Words part={ribbon.part} />
            <span className="numbers">{count(ribbon.count)}</span>
            <span className={`${classes.share} numbers`}>{percent(Math.abs(ribbon.share), getLanguage())}</span>
            <span className={classes.reason}>{t(reasons[ribbon.part])}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Words({ part }: { part: Part }) {
  const to = MORE[part];
  const words = <strong>{t(fates[part])}</strong>;
  return to ? <Link to={to}>{words}</Link> : words;
}

function shape({ from, to }: Ribbon): string {
  const middle = WIDTH / 2;
  const curve = (top: number, end: number) => `C${middle} ${top} ${middle} ${end}`;
  const [a, b] = [from.top + from.height, to.top + to.height];
  return `M0 ${from.top}${curve(from.top, to.top)} ${WIDTH} ${to.top}V${b}${curve(b, a)} 0 ${a}Z`;
}
