/** What a site's connection is, in one line: its status, the ring while a wish is on its way, a discovery that goes on. */

import { $api } from '@/api/client';
import type { ConnectionStatus } from '@/api/types';
import { Icon } from '@/components/icons';
import { StatusBadge } from '@/components/StatusBadge';
import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { span } from '@/i18n/format';
import { isPending } from '@/live/wishes';
import { Overdue, Pending } from '@/pages/connections/Wish';
import classes from './Devices.module.css';
import { mqtt } from './strings';

type Props = { row: ConnectionStatus; onFailure: (words: string | null) => void };

export function MqttState({ row, onFailure }: Props) {
  return (
    <div className={classes.mqtt}>
      <StatusBadge word={row.status} variant="pill" title={row.last_error} />
      {isPending(row) && <Pending row={row} onFailure={onFailure} />}
      <Overdue row={row} />
      <Discovery row={row} />
    </div>
  );
}

const TOLD_FOR_S = 120;

function Discovery({ row }: { row: ConnectionStatus }) {
  const now = useNow();
  const left = row.discover_until ? (Date.parse(row.discover_until) - now) / 1000 : Number.NEGATIVE_INFINITY;
  const isTold = left > -TOLD_FOR_S;
  const runs = $api.useQuery(
    'get',
    '/api/v1/mqtt/site/{site_id}/discoveries/',
    { params: { path: { site_id: row.site_id } } },
    { enabled: isTold, refetchInterval: isTold ? 5_000 : false },
  );
  if (!isTold) return null;
  const count = runs.data?.[0]?.report.topics;
  return (
    <span className={classes.discovery} role="status">
      <Icon name="radar" size={16} />
      {left > 0 && <span className="numbers">{t(mqtt.listening, { span: span(left) })}</span>}
      {left > 0 && count !== undefined && <span className="dimmed">{t(mqtt.foundSoFar, { count })}</span>}
      {left <= 0 && count !== undefined && <span>{t(mqtt.foundIn, { count })}</span>}
    </span>
  );
}
