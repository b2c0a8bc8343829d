/** Sites as cards: the word, the one telling value, the last hour, who is there, and when it last spoke. */

import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { SiteOverview } from '@/api/types';
import { RelativeTime } from '@/components/RelativeTime';
import { Shares } from '@/components/Shares';
import { Sparkline } from '@/components/Sparkline';
import { StatusBadge } from '@/components/StatusBadge';
import { t } from '@/i18n';
import { words } from '@/i18n/common';
import { Headline } from './Headline';
import classes from './SiteCards.module.css';
import { texts, types } from './strings';

export function SiteCards({ sites }: { sites: SiteOverview[] }) {
  return (
    <ul className={classes.cards} aria-label={t(texts.sites)}>
      {sites.map((site) => (
        <Card key={site.id} site={site} />
      ))}
    </ul>
  );
}

export function deviceCounts(site: SiteOverview) {
  const { gateways, dataloggers } = site;
  return {
    online: gateways.online + dataloggers.online,
    offline: gateways.offline + dataloggers.offline,
    unknown: gateways.unknown + dataloggers.unknown,
  };
}

export function facts(site: SiteOverview): string {
  return t(texts.facts, {
    wanted: t(site.connection?.is_active ? texts.on : texts.off),
    link: t(words[site.link]),
    data: t(words[site.data]),
    offline: deviceCounts(site).offline,
  });
}

const Card = memo(function Card({ site }: { site: SiteOverview }) {
  const devices = deviceCounts(site);
  const all = devices.online + devices.offline + devices.unknown;
  const heard = site.received.filter((value) => value > 0).length;
  return (
    <li className={`card ${classes.card}`}>
      <div className={classes.top}>
        <div className={classes.words}>
          <Link to="/sites/$id" params={{ id: String(site.id) }} className={classes.name}>
            {site.name}
          </Link>
          <div className={classes.place}>
            {t(types[site.site_type as keyof typeof types])}
            {site.location && ` · ${site.location}`}
          </div>
        </div>
        <StatusBadge word={site.word} variant="pill" title={facts(site)} />
      </div>
      <div className={classes.value}>
        <Headline site={site} />
      </div>
      <Sparkline values={site.received} label={t(texts.minutesHeard, { heard, count: site.received.length })} />
      <div className={classes.foot}>
        <div className={classes.devices}>
          <span className="numbers">{t(texts.online, { online: devices.online, count: all })}</span>
          <Shares {...devices} />
        </div>
        <div className={classes.heard}>
          <span className={classes.label}>{t(texts.lastMessage)}</span>
          <RelativeTime at={site.connection?.last_message_at} />
        </div>
      </div>
    </li>
  );
});
