/** All devices that measure, of all sites; with a site chosen, its connection can be started, stopped and made to listen. */

import { Button, Menu, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import { shell } from '@/app/strings';
import { Icon } from '@/components/icons';
import { LinkButton } from '@/components/LinkButton';
import { PageHeader } from '@/components/PageHeader';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { DeviceList } from './DeviceList';
import { MqttState } from './MqttState';
import { Refused, ShieldMenu } from './ShieldMenu';
import type { DevicesSearch } from './search';
import { mqtt, texts } from './strings';

export function DevicesListPage() {
  const search = useSearch({ from: '/devices' });
  const navigate = useNavigate({ from: '/devices' });
  const [failure, setFailure] = useState<string | null>(null);
  const facets = $api.useQuery('get', '/api/v1/dataloggers/facets/', { params: { query: {} } });
  const total = Object.values(facets.data?.status ?? {}).reduce((sum, count) => sum + count, 0);
  const change = (next: DevicesSearch) =>
    void navigate({ search: (now) => ({ ...now, ...next }), replace: next.look === undefined, resetScroll: false });
  return (
    <>
      <PageHeader title={t(shell.devices)} about={facets.data && t(texts.found, { count: total })}>
        <Waiting site={search.site} />
        {search.site === undefined ? (
          <ChooseSite onChoose={(site) => change({ site })} />
        ) : (
          <Control siteId={search.site} onFailure={setFailure} />
        )}
      </PageHeader>
      <Refused why={failure} />
      <DeviceList search={search} onChange={change} />
    </>
  );
}

/** The way to devices that a site does not know yet. */
function Waiting({ site }: { site: number | undefined }) {
  const query = { site, state: 'waiting' as const, limit: 1 };
  const found = $api.useQuery('get', '/api/v1/newcomers/', { params: { query } }, { refetchInterval: 60_000 });
  const count = found.data?.count ?? 0;
  return (
    <LinkButton variant="default" to="/devices/waiting" search={{ site }}>
      {count > 0 ? t(texts.waiting, { count }) : t(texts.unknown)}
    </LinkButton>
  );
}

function Control({ siteId, onFailure }: { siteId: number; onFailure: (words: string | null) => void }) {
  const status = $api.useQuery('get', '/api/v1/mqtt/site/{site_id}/status/', { params: { path: { site_id: siteId } } });
  if (!status.data) return null;
  return (
    <>
      <MqttState row={status.data} onFailure={onFailure} />
      <ShieldMenu row={status.data} onFailure={onFailure} />
    </>
  );
}

const LISTED = 12;

/** A switch belongs to one site; with none chosen, that comes first. */
function ChooseSite({ onChoose }: { onChoose: (site: number) => void }) {
  const [wanted, setWanted] = useState('');
  const query = { limit: LISTED, ...(wanted ? { search: wanted } : {}) };
  const sites = $api.useQuery('get', '/api/v1/sites/', { params: { query } });
  if (!useMay('operator')) return null;
  return (
    <Menu position="bottom-end" withinPortal width={260}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<Icon name="shield" size={16} />}
          rightSection={<Icon name="down" size={14} />}
        >
          {t(mqtt.menu)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t(mqtt.chooseSite)}</Menu.Label>
        <TextInput
          size="xs"
          m={4}
          type="search"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          placeholder={t(mqtt.findSite)}
          aria-label={t(mqtt.findSite)}
        />
        {sites.data?.items.map((site) => (
          <Menu.Item key={site.id} onClick={() => onChoose(site.id)}>
            {site.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
