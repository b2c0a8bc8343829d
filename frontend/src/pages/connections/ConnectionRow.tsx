/** One connection: what is wanted, what is so, what came of it, and what can be done. On a phone it is a card. */

import { Button, Checkbox, Collapse } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import type { ConnectionStatus, SiteOverview } from '@/api/types';
import { Icon } from '@/components/icons';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusBadge } from '@/components/StatusBadge';
import { useNow } from '@/hooks/useNow';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { span } from '@/i18n/format';
import { ConnectionDetails } from './ConnectionDetails';
import { ConnectionMenu } from './ConnectionMenu';
import classes from './Connections.module.css';
import { rate, retries } from './retries';
import { Sparkline } from './Sparkline';
import { texts } from './texts';
import { MINUTES } from './useConnections';
import { Overdue, Pending, WishSwitch } from './Wish';

type Props = {
  row: ConnectionStatus;
  site: SiteOverview | undefined;
  isSelected: boolean;
  onSelect: (isOn: boolean) => void;
};

export function ConnectionRow({ row, site, isSelected, onSelect }: Props) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const [failure, setFailure] = useState<string | null>(null);
  const mayOperate = useMay('operator', row.site_id);
  return (
    <li className={classes.row} data-site={row.site_id}>
      <div className={classes.line}>
        <div className={classes.who}>
          {mayOperate && (
            <Checkbox
              size="xs"
              checked={isSelected}
              onChange={(event) => onSelect(event.currentTarget.checked)}
              aria-label={t(texts.select, { site: row.site_name })}
            />
          )}
          <div className={classes.names}>
            <Link to="/sites/$id" params={{ id: String(row.site_id) }} className={classes.name}>
              {row.site_name}
            </Link>
            <Broker row={row} />
          </div>
        </div>
        <div className={classes.wish}>
          <WishSwitch row={row} site={site} onFailure={setFailure} />
        </div>
        <div className={classes.fact}>
          <div className={classes.badge}>
            <StatusBadge word={row.status} />
            <Since at={row.status_since} />
          </div>
          <Pending row={row} onFailure={setFailure} />
        </div>
        <Traffic row={row} site={site} />
        <ConnectionMenu row={row} isOpen={isOpen} onToggle={toggle} onFailure={setFailure} />
      </div>
      <Trouble row={row} failure={failure} onFailure={setFailure} />
      <Overdue row={row} />
      <Collapse expanded={isOpen}>{isOpen && <ConnectionDetails row={row} site={site} />}</Collapse>
    </li>
  );
}

function Broker({ row }: { row: ConnectionStatus }) {
  const words = t(row.use_tls ? texts.tls : texts.noTls);
  return (
    <span className={classes.broker} title={words}>
      {row.use_tls && <Icon name="lock" size={13} />}
      <span className="mono">
        {row.broker_host}:{row.broker_port}
      </span>
      <span className="visually-hidden">{words}</span>
    </span>
  );
}

function Since({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} className="dimmed numbers">
      {t(texts.since, { span: span((now - Date.parse(at)) / 1000) })}
    </time>
  );
}

function Traffic({ row, site }: { row: ConnectionStatus; site: SiteOverview | undefined }) {
  return (
    <div className={classes.traffic}>
      {site && <Sparkline values={site.received.slice(0, -1)} label={t(texts.lastMinutes, { count: MINUTES - 1 })} />}
      <div className={classes.rate}>
        <span className="numbers">{rate(site?.received)}</span>
        <span className="dimmed">
          {row.last_message_at && `${t(texts.lastMessage)} `}
          <RelativeTime at={row.last_message_at} never={t(texts.noMessage)} />
        </span>
      </div>
    </div>
  );
}

type TroubleProps = { row: ConnectionStatus; failure: string | null; onFailure: (words: string | null) => void };

/** The last error, in words, while it matters; and a wish that the server refused. */
function Trouble({ row, failure, onFailure }: TroubleProps) {
  const now = useNow();
  const mayOperate = useMay('operator', row.site_id);
  const again = $api.useMutation('post', '/api/v1/mqtt/site/{site_id}/retry/', {
    onMutate: () => onFailure(null),
    onError: (error: unknown) => onFailure(error instanceof Error ? error.message : String(error)),
  });
  const isWrong = row.is_active && row.status !== 'connected' && row.last_error;
  if (!isWrong && !failure) return null;
  const attempts = retries(row, now);
  return (
    <div className={classes.trouble}>
      <Icon name="alert" size={16} />
      <div>
        {failure && <div role="alert">{failure}</div>}
        {isWrong && (
          <div>
            {row.last_error} {attempts && <span className="dimmed numbers">{attempts}</span>}{' '}
            {attempts && mayOperate && (
              <Button
                size="compact-xs"
                variant="default"
                loading={again.isPending}
                onClick={() => again.mutate({ params: { path: { site_id: row.site_id } } })}
              >
                {t(texts.tryNow)}
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  );
}
