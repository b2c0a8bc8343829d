/** What the sites say, topic by topic: the tree, the messages of one, and what becomes of them. */

import { Button, CloseButton, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { $api } from '@/api/client';
import { shell } from '@/app/strings';
import { CopyButton } from '@/components/CopyButton';
import { Icon } from '@/components/icons';
import { PageHeader } from '@/components/PageHeader';
import { mosquittoPub } from '@/components/payload/payload';
import { EmptyState, ErrorState, Loading } from '@/components/states';
import { usePhone } from '@/hooks/usePhone';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { count } from '@/i18n/format';
import { setLive } from '@/live/store';
import { Alike } from './Alike';
import { Pins } from './Pins';
import { topics as texts } from './strings';
import { TopicPane } from './TopicPane';
import classes from './Topics.module.css';
import { TopicTree } from './TopicTree';
import { keyOf, type Row } from './tree';
import { useTree } from './useTree';

const Discovery = lazy(() => import('./Discovery'));
const route = getRouteApi('/topics');
const SITES = 1_000;

export function TopicsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  useEffect(() => setLive({ newTopics: 0 }), []);
  const change = (next: Partial<typeof search>, replace = true) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace, resetScroll: false });
  return (
    <>
      <PageHeader title={t(shell.topics)}>
        <SitePicker site={search.site} onPick={(site) => change({ site, path: undefined, of: undefined })} />
        <SegmentedControl
          size="xs"
          aria-label={t(texts.view)}
          data={[
            { value: 'tree', label: t(texts.tree) },
            { value: 'alike', label: t(texts.alike) },
          ]}
          value={search.view ?? 'tree'}
          onChange={(view) => change({ view: view === 'alike' ? 'alike' : undefined })}
        />
        {search.site !== undefined && search.discovery === undefined && (
          <Button size="xs" variant="default" onClick={() => change({ discovery: true })}>
            {t(texts.openDiscovery)}
          </Button>
        )}
      </PageHeader>
      {search.site !== undefined && search.discovery && (
        <Suspense fallback={<Loading lines={2} />}>
          <Discovery key={search.site} site={search.site} onClose={() => change({ discovery: undefined })} />
        </Suspense>
      )}
      {search.view === 'alike' ? <Alike site={search.site} /> : <Panes />}
    </>
  );
}

function SitePicker({ site, onPick }: { site: number | undefined; onPick: (site: number | undefined) => void }) {
  const sites = $api.useQuery('get', '/api/v1/sites/', { params: { query: { limit: SITES } } });
  return (
    <NativeSelect
      size="xs"
      aria-label={t(texts.site)}
      value={site ?? ''}
      onChange={(event) => onPick(event.target.value ? Number(event.target.value) : undefined)}
      data={[
        { value: '', label: t(texts.allSites) },
        ...(sites.data?.items ?? []).map((one) => ({ value: String(one.id), label: one.name })),
      ]}
    />
  );
}

function Panes() {
  const { site, path, of, find = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const isPhone = usePhone();
  const siteOf = of ?? site;
  const selected = useMemo(
    () => (path !== undefined && siteOf !== undefined ? { siteId: siteOf, path } : null),
    [path, siteOf],
  );
  const tree = useTree(site, selected, find);
  const rules = $api.useQuery('get', '/api/v1/topics/', { params: { query: { site, limit: 1_000 } } });
  const open = tree.rows.find((row) => selected && row.key === keyOf(selected.siteId, selected.path));

  const select = (row: Row) =>
    void navigate({
      search: (before) => ({
        ...before,
        path: row.node.path,
        of: row.node.site_id === site ? undefined : row.node.site_id,
      }),
      replace: !isPhone, // on a phone the topic is a step of its own, from which one goes back
      resetScroll: false,
    });

  const isEmpty = !tree.isPending && !tree.error && !tree.rows.length;
  const showsTree = !isPhone || !selected;
  return (
    <div className={classes.panes} data-single={(!selected && isEmpty) || undefined}>
      {showsTree && (
        <section className={`card ${classes.left}`}>
          <Finder />
          <Pins />
          {tree.error != null && (
            <ErrorState
              what={t(texts.what)}
              error={tree.error}
              onRetry={tree.retry}
              {...(tree.rows.length ? { shownFrom: tree.readAt } : {})}
            />
          )}
          {tree.found && (
            <p className={classes.note} role="status">
              {tree.found.isCapped
                ? t(texts.foundCapped, { count: tree.found.count })
                : t(texts.found, { count: tree.found.count })}
              {tree.found.count > tree.found.shown && ` ${t(texts.firstOnly, { count: count(tree.found.shown) })}`}
            </p>
          )}
          {tree.isCut && <p className={classes.note}>{t(texts.isCut)}</p>}
          {tree.isPending && (
            <div className={classes.waiting}>
              <Loading lines={10} height={20} />
            </div>
          )}
          {isEmpty && (find ? <NothingFound /> : <NoTopics site={site} />)}
          {tree.rows.length > 0 && (
            <TopicTree
              rows={tree.rows}
              rates={tree.rates}
              rules={rules.data?.items ?? []}
              selected={selected && keyOf(selected.siteId, selected.path)}
              onSelect={select}
              onToggle={tree.toggle}
            />
          )}
        </section>
      )}
      {selected ? (
        <div className={classes.right}>
          {isPhone && (
            <Link to="/topics" search={{ site, find: find || undefined }} className={classes.back}>
              <Icon name="left" size={16} /> {t(texts.back)}
            </Link>
          )}
          <TopicPane siteId={selected.siteId} path={selected.path} node={open?.node} rules={rules.data?.items ?? []} />
        </div>
      ) : (
        !isPhone &&
        !isEmpty && (
          <div className={classes.right}>
            <EmptyState title={t(texts.pick)} icon="topics">
              {t(texts.pickWhy)}
            </EmptyState>
          </div>
        )
      )}
    </div>
  );
}

function Finder() {
  const { find = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const [words, setWords] = useState(find);
  const look = (next: string) =>
    void navigate({ search: (before) => ({ ...before, find: next || undefined }), replace: true, resetScroll: false });
  const lookSoon = useDebouncedCallback(look, 250);
  useEffect(() => setWords(find), [find]);
  return (
    <div className={classes.finder}>
      <TextInput
        data-search
        size="xs"
        value={words}
        aria-label={t(common.search)}
        aria-keyshortcuts="/"
        placeholder={t(texts.find)}
        leftSection={<Icon name="search" size={15} />}
        rightSection={
          words && (
            <CloseButton
              size="sm"
              aria-label={t(texts.clear)}
              onClick={() => {
                setWords('');
                look('');
              }}
            />
          )
        }
        onChange={(event) => {
          setWords(event.target.value);
          lookSoon(event.target.value.trim());
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          setWords('');
          look('');
        }}
      />
    </div>
  );
}

function NothingFound() {
  const navigate = route.useNavigate();
  return (
    <EmptyState
      title={t(texts.nothingFound)}
      icon="search"
      action={
        <Button
          variant="default"
          size="xs"
          onClick={() => void navigate({ search: (before) => ({ ...before, find: undefined }) })}
        >
          {t(texts.clear)}
        </Button>
      }
    />
  );
}

function NoTopics({ site }: { site: number | undefined }) {
  const links = $api.useQuery('get', '/api/v1/connections/', { params: { query: { site, limit: 1 } } });
  const place = $api.useQuery('get', '/api/v1/sites/', { params: { query: { limit: SITES } } });
  const link = links.data?.items[0];
  const slug = place.data?.items.find((one) => one.id === link?.site_id)?.slug;
  const command = link && mosquittoPub(link.broker_host, link.broker_port, `${slug ?? 'site'}/hello`, 'hi', 1);
  return (
    <EmptyState
      title={t(texts.none)}
      action={
        <Button component={Link} to="/connections" variant="default" size="xs">
          {t(texts.toConnections)}
        </Button>
      }
    >
      {t(texts.noneWhy)}
      {command && (
        <>
          <pre className={classes.command}>{command}</pre>
          <CopyButton text={command} />
        </>
      )}
    </EmptyState>
  );
}
