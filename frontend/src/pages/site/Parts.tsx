/** The parts of a site are addresses; topics and logs are pages of their own, shown for this site. A phone has a list. */

import { NativeSelect } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { usePhone } from '@/hooks/usePhone';
import { t } from '@/i18n';
import classes from './Site.module.css';
import { TABS, type Tab } from './search';
import { texts } from './strings';

type Props = { id: number; tab: Tab };
const ELSEWHERE = { topics: '/topics', logs: '/logs/connection' } as const;

export function Parts(props: Props) {
  return usePhone() ? <Choice {...props} /> : <Links {...props} />;
}

function Choice({ id, tab }: Props) {
  const navigate = useNavigate();
  function go(part: string): void {
    const own = TABS.find((one) => one === part);
    if (own) {
      const search = { tab: own === 'summary' ? undefined : own };
      void navigate({ to: '/sites/$id', params: { id: String(id) }, search, resetScroll: false });
    } else {
      void navigate({ to: part === 'topics' ? ELSEWHERE.topics : ELSEWHERE.logs, search: { site: id } });
    }
  }
  return (
    <nav aria-label={t(texts.parts)} className={classes.choice}>
      <NativeSelect
        size="md"
        aria-label={t(texts.parts)}
        value={tab}
        onChange={(event) => go(event.currentTarget.value)}
        data={(['summary', 'devices', 'topics', 'logs', 'settings'] as const).map((part) => ({
          value: part,
          label: t(texts[part]),
        }))}
      />
    </nav>
  );
}

function Links({ id, tab }: Props) {
  const part = (name: Tab, children: ReactNode) => (
    <Link
      to="/sites/$id"
      params={{ id: String(id) }}
      search={{ tab: name === 'summary' ? undefined : name }}
      className={classes.part}
      data-current={tab === name || undefined}
      aria-current={tab === name ? 'page' : undefined}
      resetScroll={false}
      activeOptions={{ exact: true, includeSearch: true }}
    >
      {children}
    </Link>
  );
  return (
    <nav aria-label={t(texts.parts)} className={classes.parts}>
      {part('summary', t(texts.summary))}
      {part('devices', t(texts.devices))}
      <Link to={ELSEWHERE.topics} search={{ site: id }} className={classes.part}>
        {t(texts.topics)}
      </Link>
      <Link to={ELSEWHERE.logs} search={{ site: id }} className={classes.part}>
        {t(texts.logs)}
      </Link>
      {part('settings', t(texts.settings))}
    </nav>
  );
}
