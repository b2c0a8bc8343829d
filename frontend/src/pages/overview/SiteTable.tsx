/** Sites as a dense table, for those who have many. */

import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { SiteOverview } from '@/api/types';
import { type Column, DataTable } from '@/components/DataTable';
import { RelativeTime } from '@/components/RelativeTime';
import { Sparkline } from '@/components/Sparkline';
import { StatusBadge } from '@/components/StatusBadge';
import { t } from '@/i18n';
import { Headline } from './Headline';
import { deviceCounts, facts } from './SiteCards';
import { texts, types } from './strings';
import { rate } from './Tiles';

function columns(): Column<SiteOverview>[] {
  return [
    { id: 'status', header: t(texts.status), width: 112, sort: 'worst', cell: status },
    { id: 'name', header: t(texts.name), sort: 'name', cell: name },
    { id: 'type', header: t(texts.type), width: 90, cell: (site) => t(types[site.site_type as keyof typeof types]) },
    {
      id: 'value',
      header: t(texts.value),
      width: 170,
      align: 'right',
      cell: (site) => <Headline site={site} isBare />,
    },
    { id: 'hour', header: t(texts.hour), width: 180, cell: hour },
    { id: 'rate', header: t(texts.perMinute), width: 104, align: 'right', cell: perMinute },
    { id: 'devices', header: t(texts.devices), width: 150, align: 'right', cell: devices },
    {
      id: 'heard',
      header: t(texts.lastMessage),
      width: 140,
      align: 'right',
      sort: 'heard',
      cell: (site) => <RelativeTime at={site.connection?.last_message_at} />,
    },
  ];
}

const status = (site: SiteOverview) => <StatusBadge word={site.word} title={facts(site)} />;
const name = (site: SiteOverview) => (
  <Link to="/sites/$id" params={{ id: String(site.id) }} className="row-link">
    {site.name}
  </Link>
);
const hour = (site: SiteOverview) => (
  <Sparkline
    values={site.received}
    height={20}
    label={t(texts.minutesHeard, {
      heard: site.received.filter((value) => value > 0).length,
      count: site.received.length,
    })}
  />
);
const perMinute = (site: SiteOverview) => Math.round(rate(site.received) * 60);
const devices = (site: SiteOverview) => {
  const { online, offline, unknown } = deviceCounts(site);
  return t(texts.online, { online, count: online + offline + unknown });
};

type Props = { sites: SiteOverview[]; sort: string; onSort: (sort: 'worst' | 'name' | 'heard') => void };

export default function SiteTable({ sites, sort, onSort }: Props) {
  const navigate = useNavigate();
  return (
    <DataTable
      label={t(texts.sites)}
      columns={useMemo(columns, [])}
      count={sites.length}
      rowAt={(index) => sites[index]}
      rowId={(site) => site.id}
      card={(site) => (
        <>
          <StatusBadge word={site.word} /> {name(site)}
        </>
      )}
      sort={sort}
      onSort={(next) => onSort(next.replace('-', '') as 'worst' | 'name' | 'heard')}
      onOpen={(site) => void navigate({ to: '/sites/$id', params: { id: String(site.id) } })}
    />
  );
}
