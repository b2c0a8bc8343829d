/** How a datalogger became who it is: changes of its firmware, its kind and its gateway, newest first. */

import { $api } from '@/api/client';
import { RelativeTime } from '@/components/RelativeTime';
import { ErrorState } from '@/components/states';
import { t } from '@/i18n';
import classes from './Datalogger.module.css';
import { datalogger, identity as texts } from './strings';

const WORDS = { firmware: datalogger.firmware, kind: datalogger.kind, gateway: datalogger.gateway };

export function Identity({ id }: { id: number }) {
  const found = $api.useQuery('get', '/api/v1/dataloggers/{datalogger_id}/identity/', {
    params: { path: { datalogger_id: id } },
  });
  if (found.error && !found.data)
    return <ErrorState what={t(texts.title)} error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data?.length) return null;
  return (
    <section className={`card ${classes.identity}`} aria-labelledby="identity">
      <h2 id="identity">{t(texts.title)}</h2>
      <ol>
        {found.data.map((one) => (
          <li key={`${one.at} ${one.what}`}>
            <span className="dimmed">{t(WORDS[one.what])}</span>
            <span>
              {one.before} <span aria-hidden="true">→</span>
              <span className="visually-hidden">{t(texts.became)}</span> <strong>{one.after}</strong>
            </span>
            <span className="dimmed">
              <RelativeTime at={one.at} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
