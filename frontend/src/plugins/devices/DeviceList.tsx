/** The list of devices, of all sites or of one: found, sorted, looked at, downloaded. */

import { Button } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { $api } from '@/api/client';
import { DataTable } from '@/components/DataTable';
import { LinkButton } from '@/components/LinkButton';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { type DataloggerQuery, useDataloggers } from '@/hooks/useDataloggers';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { serverNow } from '@/live/clock';
import { DeviceCard, deviceColumns } from './columns';
import { downloadDevices } from './csv';
import { Filters } from './Filters';
import { type DevicesSearch, isFiltered, type Sort, shownColumns, sinceMoment } from './search';
import { texts } from './strings';
import { useSelection } from './useSelection';
import { useTints } from './useTints';

const Preview = lazy(() => import('./Preview'));
const SelectionBar = lazy(() => import('./SelectionBar'));

type Props = {
  search: DevicesSearch;
  onChange: (change: DevicesSearch) => void;
  /** Shows the devices of this site only. */
  siteId?: number;
};

export function DeviceList({ search, onChange, siteId }: Props) {
  const query = useQueryOf(search, siteId);
  const devices = useDataloggers(query);
  const facets = $api.useQuery('get', '/api/v1/dataloggers/facets/', { params: { query: withoutSort(query) } });
  const selection = useSelection();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the selection is made anew each time, what is chosen is not
  const columns = useMemo(
    () => deviceColumns(shownColumns(search), siteId === undefined, selection),
    [search, siteId, selection.isOn, selection.rows.length],
  );
  const tints = useTints();
  const [failure, setFailure] = useState<unknown>(null);
  const now = Object.values(facets.data?.status ?? {}).reduce((sum, count) => sum + count, 0);
  const news = devices.isCapped || devices.isOld || devices.count === 0 ? 0 : now - devices.count;
  const sort = search.sort ?? 'serial';
  return (
    <>
      <Filters
        search={search}
        facets={facets.data}
        hasSite={siteId === undefined}
        onChange={onChange}
        onSelect={selection.isOn ? undefined : selection.begin}
        onDownload={() => void downloadDevices(query).then(() => setFailure(null), setFailure)}
      />
      {failure !== null && <ErrorState what={t(texts.theDevices)} error={failure} shownFrom={devices.readAt} />}
      {devices.error !== null && (
        <ErrorState
          what={t(texts.theDevices)}
          error={devices.error}
          onRetry={devices.readAgain}
          {...(devices.count ? { shownFrom: devices.readAt } : {})}
        />
      )}
      {news > 0 && (
        <Button variant="light" size="xs" fullWidth mb="sm" onClick={devices.readAgain}>
          {t(texts.newDevices, { count: news })}
        </Button>
      )}
      {selection.isOn && (
        <Suspense>
          <SelectionBar selection={selection} query={query} count={devices.count} />
        </Suspense>
      )}
      {devices.isLoading && <Loading lines={12} height={36} />}
      {!devices.isLoading && devices.error === null && devices.count === 0 && (
        <Nothing isFiltered={isFiltered(search)} onClear={() => onChange(CLEAR)} />
      )}
      {devices.count > 0 && (
        <DataTable
          label={t(texts.devices)}
          columns={columns}
          count={devices.count}
          rowAt={devices.rowAt}
          rowId={(device) => device.id}
          card={(device) => <DeviceCard device={device} selection={selection} />}
          cardHeight={112}
          sort={sort}
          onSort={(next) => onChange({ sort: next as Sort })}
          onRange={devices.onRange}
          onOpen={(device) => onChange({ look: device.id })}
          rowProps={(device) => ({ 'data-tint': tints(device.id, device.status) })}
        />
      )}
      {search.look !== undefined && (
        <Suspense>
          <Preview id={search.look} onClose={() => onChange({ look: undefined })} />
        </Suspense>
      )}
    </>
  );
}

const CLEAR: DevicesSearch = {
  search: undefined,
  site: undefined,
  status: undefined,
  kind: undefined,
  firmware: undefined,
  tag: undefined,
  since: undefined,
};

function useQueryOf(search: DevicesSearch, siteId: number | undefined): DataloggerQuery {
  const { status, kind, firmware, tag, since, sort = 'serial' } = search;
  const site = siteId ?? search.site;
  const text = search.search;
  return useMemo(
    () => ({
      sort,
      ...(site ? { site } : {}),
      ...(status ? { status } : {}),
      ...(kind ? { kind } : {}),
      ...(firmware ? { firmware } : {}),
      ...(tag ? { tag } : {}),
      ...(text ? { search: text } : {}),
      ...(since ? { new_since: sinceMoment(since, serverNow()) } : {}),
    }),
    [sort, site, status, kind, firmware, tag, text, since],
  );
}

function withoutSort({ sort: _, ...query }: DataloggerQuery) {
  return query;
}

function Nothing({ isFiltered: isNarrow, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (isNarrow) {
    const clear = (
      <Button variant="default" onClick={onClear}>
        {t(common.clear)}
      </Button>
    );
    return (
      <EmptyState title={t(texts.noMatch)} icon="search" action={clear}>
        {t(texts.noMatchWhy)}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={t(texts.none)}
      icon="devices"
      action={<LinkButton to="/topics">{t(texts.seeTopics)}</LinkButton>}
    >
      {t(texts.noneWhy)}
    </EmptyState>
  );
}
