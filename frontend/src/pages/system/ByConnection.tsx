/** The ledger of each connection; what does not balance comes first. */

import { Link } from '@tanstack/react-router';
import { Icon } from '@/components/icons';
import { t } from '@/i18n';
import { count } from '@/i18n/format';
import { type LedgerRow, PARTS } from './ledger';
import classes from './System.module.css';
import { fates, texts } from './texts';
import { useNames } from './useNames';

export function ByConnection({ rows }: { rows: LedgerRow[] }) {
  const name = useNames();
  const shown = PARTS.filter((part) => rows.some((row) => row[part] !== 0));
  const ordered = rows.toSorted((a, b) => Number(a.balanced) - Number(b.balanced) || b.received - a.received);
  return (
    <>
      <h3 className={classes.sub}>{t(texts.byConnection)}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={t(texts.byConnection)}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th>{t(texts.connection)}</th>
              <th>{t(texts.books)}</th>
              <th>{t(texts.received)}</th>
              {shown.map((part) => (
                <th key={part}>{t(fates[part])}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ordered.map((row) => (
              <tr key={row.connection_id} data-wrong={!row.balanced || undefined}>
                <td>
                  <Link to="/system" search={(now) => ({ ...now, connection: row.connection_id })}>
                    {name(row)}
                  </Link>
                </td>
                <td>
                  <span className={classes.books}>
                    <span className={row.balanced ? classes.ok : classes.wrong}>
                      <Icon name={row.balanced ? 'check' : 'alert'} size={15} />
                    </span>
                    {t(row.balanced ? texts.isBalanced : texts.isNot)}
                  </span>
                </td>
                <td>{count(row.received)}</td>
                {shown.map((part) => (
                  <td key={part}>{count(row[part])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
