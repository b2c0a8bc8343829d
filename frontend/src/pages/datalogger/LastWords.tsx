/** What a device that is offline said when it was heard last. */

import { $api } from '@/api/client';
import type { Datalogger } from '@/api/types';
import { RelativeTime } from '@/components/RelativeTime';
import { t } from '@/i18n';
import classes from './Datalogger.module.css';
import { Said } from './Said';
import { lately as texts } from './strings';

export function LastWords({ device }: { device: Datalogger }) {
  const kept = $api.useQuery('get', '/api/v1/dataloggers/{datalogger_id}/last-words/', {
    params: { path: { datalogger_id: device.id } },
  });
  const message = kept.data?.message; // where none is kept, or the question fails, the readings below are its last words
  if (!message) return null;
  return (
    <section className={`card ${classes.words}`} aria-label={t(texts.lastWords)}>
      <h2>{t(texts.lastWords)}</h2>
      <Said message={message}>
        <RelativeTime at={message.received_at} />, {t(texts.heardOn)}
      </Said>
    </section>
  );
}
