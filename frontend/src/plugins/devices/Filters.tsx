/** What the devices are filtered by: a text, a site, a status, a type, a firmware, how new they are. */

import { Button, Drawer, Menu, NativeSelect, Stack, TextInput } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { Icon } from '@/components/icons';
import { usePhone } from '@/hooks/usePhone';
import { t } from '@/i18n';
import { common, words } from '@/i18n/common';
import classes from './Devices.module.css';
import { type DevicesSearch, NEW_SINCE, OPTIONAL, STATUSES, shownColumns } from './search';
import { bulk, texts } from './strings';

const Views = lazy(() => import('./Views'));

type Facets = components['schemas']['FacetsOut'];
type Props = {
  search: DevicesSearch;
  facets: Facets | undefined;
  /** One site's list has no choice of sites. */
  hasSite: boolean;
  onChange: (change: DevicesSearch) => void;
  onDownload: () => void;
  /** Not while something is being selected. */
  onSelect: (() => void) | undefined;
};

export function Filters(props: Props) {
  const isPhone = usePhone();
  const [isOpen, setOpen] = useState(false);
  const { search, hasSite, onChange } = props;
  return (
    <div className={classes.filters}>
      <TextInput
        size="xs"
        type="search"
        className={classes.search ?? ''}
        value={search.search ?? ''}
        onChange={(event) => onChange({ search: event.currentTarget.value || undefined })}
        placeholder={t(texts.search)}
        title={t(texts.searchAll)}
        aria-label={t(texts.searchAll)}
        aria-keyshortcuts="/"
        data-search
        leftSection={<Icon name="search" size={14} />}
      />
      {isPhone ? (
        <>
          <Button
            variant="default"
            size="xs"
            leftSection={<Icon name="filter" size={14} />}
            onClick={() => setOpen(true)}
          >
            {t(texts.filters)}
          </Button>
          <Select {...props} />
          <Drawer
            opened={isOpen}
            closeButtonProps={{ 'aria-label': t(common.close) }}
            onClose={() => setOpen(false)}
            title={t(texts.filters)}
            position="bottom"
            size="auto"
          >
            <Stack gap="sm" pb="xl">
              <Choices {...props} />
              <Button onClick={() => setOpen(false)}>{t(texts.show)}</Button>
            </Stack>
          </Drawer>
        </>
      ) : (
        <>
          <Choices {...props} />
          <span className={classes.grow} />
          {hasSite && (
            <Suspense>
              <Views />
            </Suspense>
          )}
          <Select {...props} />
          <Columns search={search} onChange={onChange} />
          <Button
            variant="default"
            size="xs"
            title={t(texts.downloadAll)}
            leftSection={<Icon name="download" size={14} />}
            onClick={props.onDownload}
          >
            {t(texts.download)}
          </Button>
        </>
      )}
    </div>
  );
}

function Select({ onSelect }: Props) {
  if (!onSelect) return null;
  return (
    <Button variant="default" size="xs" leftSection={<Icon name="check" size={14} />} onClick={onSelect}>
      {t(bulk.select)}
    </Button>
  );
}

function Choices({ search, facets, hasSite, onChange }: Props) {
  const look = { size: 'xs', className: classes.select ?? '' } as const;
  return (
    <>
      {hasSite && <SiteChoice value={search.site} onChange={(site) => onChange({ site })} />}
      <NativeSelect
        {...look}
        aria-label={t(texts.status)}
        value={search.status ?? ''}
        onChange={(event) => onChange({ status: STATUSES.find((word) => word === event.currentTarget.value) })}
        data={[
          { value: '', label: t(texts.anyStatus) },
          ...STATUSES.map((word) => ({ value: word, label: `${t(words[word])} (${facets?.status[word] ?? 0})` })),
        ]}
      />
      <NativeSelect
        {...look}
        aria-label={t(texts.kind)}
        value={search.kind ?? ''}
        onChange={(event) => onChange({ kind: event.currentTarget.value || undefined })}
        data={[{ value: '', label: t(texts.anyKind) }, ...counted(facets?.kind, search.kind)]}
      />
      <NativeSelect
        {...look}
        aria-label={t(texts.firmware)}
        value={search.firmware ?? ''}
        onChange={(event) => onChange({ firmware: event.currentTarget.value || undefined })}
        data={[{ value: '', label: t(texts.anyFirmware) }, ...counted(facets?.firmware, search.firmware)]}
      />
      {(search.tag || Object.keys(facets?.tags ?? {}).length > 0) && (
        <NativeSelect
          {...look}
          aria-label={t(texts.tags)}
          value={search.tag ?? ''}
          onChange={(event) => onChange({ tag: event.currentTarget.value || undefined })}
          data={[{ value: '', label: t(texts.anyTag) }, ...counted(facets?.tags, search.tag)]}
        />
      )}
      <NativeSelect
        {...look}
        aria-label={t(texts.newSince)}
        value={search.since ?? ''}
        onChange={(event) => onChange({ since: NEW_SINCE.find((since) => since === event.currentTarget.value) })}
        data={[
          { value: '', label: t(texts.anyTime) },
          ...NEW_SINCE.map((since) => ({ value: since, label: t(texts[`last${since}`]) })),
        ]}
      />
    </>
  );
}

function counted(counts: Record<string, number> | undefined, chosen: string | undefined) {
  const found = { ...(chosen ? { [chosen]: 0 } : {}), ...counts };
  return Object.entries(found)
    .filter(([value]) => value)
    .map(([value, count]) => ({ value, label: `${value} (${count})` }));
}

const MOST_SITES = 1_000;

function SiteChoice({ value, onChange }: { value: number | undefined; onChange: (site: number | undefined) => void }) {
  const sites = $api.useQuery('get', '/api/v1/sites/', { params: { query: { limit: MOST_SITES } } });
  return (
    <NativeSelect
      size="xs"
      className={classes.site ?? ''}
      aria-label={t(texts.site)}
      value={value ? String(value) : ''}
      onChange={(event) => onChange(Number(event.currentTarget.value) || undefined)}
      data={[
        { value: '', label: t(texts.anySite) },
        ...(sites.data?.items ?? []).map((site) => ({ value: String(site.id), label: site.name })),
      ]}
    />
  );
}

function Columns({ search, onChange }: Pick<Props, 'search' | 'onChange'>) {
  const shown = shownColumns(search);
  const toggle = (name: (typeof OPTIONAL)[number]) =>
    onChange({
      columns:
        OPTIONAL.filter((each) => (each === name ? !shown.includes(each) : shown.includes(each))).join(',') || 'none',
    });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<Icon name="columns" size={14} />}>
          {t(texts.columns)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {OPTIONAL.map((name) => (
          <Menu.CheckboxItem key={name} checked={shown.includes(name)} onChange={() => toggle(name)}>
            {t(texts[name])}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
