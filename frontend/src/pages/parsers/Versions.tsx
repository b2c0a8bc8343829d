/** The versions of a mapping, newest first: which one reads, which may, and the way back to an older one. */

import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { components } from '@/api/schema';
import { announce } from '@/components/Announcer';
import { Dialog } from '@/components/Dialog';
import { LinkButton } from '@/components/LinkButton';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusBadge } from '@/components/StatusBadge';
import { ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { type Definition, filterOf } from './draft';
import classes from './Parsers.module.css';
import { parsers as texts } from './strings';

type Mapping = components['schemas']['MappingDetail'];
type Props = {
  mapping: Mapping;
  site: { id: number; slug: string };
  maySeeAll: boolean;
  onEdit: (from: { number: number; definition: Definition }) => void;
};

export function Versions({ mapping, site, maySeeAll, onEdit }: Props) {
  const path = { mapping_id: mapping.id };
  const found = $api.useQuery('get', '/api/v1/mappings/{mapping_id}/versions/', { params: { path } });
  const [isLeaving, setLeaving] = useState(false);
  const mayOperate = useMay('operator', mapping.site_id ?? undefined) && (mapping.site_id !== null || maySeeAll);
  const { activate, deactivate, isBusy, error } = useTurns(mapping);
  const failures = error instanceof Problem ? Object.entries(error.fields) : [];
  return (
    <section className={`card ${classes.panel}`} aria-labelledby="versions">
      <h2 id="versions">{t(texts.versions)}</h2>
      {error != null && (
        <div role="alert" className={classes.wrong}>
          <strong>{t(texts.notReady)}.</strong> {error instanceof Error ? error.message : String(error)}
          {failures.length > 0 && (
            <ul>
              {failures.map(([name, words]) => (
                <li key={name}>
                  <strong>{name}</strong>: {words}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      {found.error != null && !found.data && (
        <ErrorState what={t(texts.versions)} error={found.error} onRetry={() => void found.refetch()} />
      )}
      {found.isPending && <Loading lines={2} height={40} />}
      <ol className={classes.versions}>
        {found.data?.map((one) => (
          <li key={one.number}>
            <div>
              <strong>{t(texts.versionNo, { number: one.number })}</strong>{' '}
              {one.is_active && <StatusBadge word="live" label={t(texts.active)} />}
              <div className="dimmed">
                {one.created_by ?? '–'} · <RelativeTime at={one.created_at} />
                {one.note && ` · ${one.note}`}
              </div>
            </div>
            {mayOperate && (
              <Group gap={6}>
                {one.number !== mapping.newest && (
                  <Button size="compact-xs" variant="default" onClick={() => onEdit(one)}>
                    {t(texts.edit)}
                  </Button>
                )}
                {one.is_active ? (
                  <Button size="compact-xs" variant="default" disabled={isBusy} onClick={deactivate}>
                    {t(texts.deactivate)}
                  </Button>
                ) : (
                  <Button
                    size="compact-xs"
                    disabled={isBusy}
                    aria-label={t(texts.activateNo, { number: one.number })}
                    onClick={() => activate(one.number)}
                  >
                    {t(texts.activate)}
                  </Button>
                )}
              </Group>
            )}
          </li>
        ))}
      </ol>
      <Group gap={8} mt="sm">
        {mapping.active !== null && (
          <LinkButton
            size="xs"
            variant="default"
            to="/logs/parsing"
            search={{ site: site.id, again: filterOf(mapping.template, site.slug) }}
          >
            {t(texts.nextReplay)}
          </LinkButton>
        )}
        {mayOperate && (
          <Button size="xs" variant="default" onClick={() => setLeaving(true)}>
            {t(texts.drop)}
          </Button>
        )}
      </Group>
      {isLeaving && <Deletion mapping={mapping} onClose={() => setLeaving(false)} />}
    </section>
  );
}

function useTurns(mapping: Mapping) {
  const client = useQueryClient();
  const mapping_id = mapping.id;
  const onSuccess = (row: Mapping) => {
    announce(row.active === null ? t(texts.atRest) : t(texts.activated, { number: row.active }));
    void client.invalidateQueries({
      predicate: ({ queryKey }) => /mappings|topic|coverage/.test(String(queryKey[1])) && queryKey[0] === 'get',
    });
  };
  const on = $api.useMutation('post', '/api/v1/mappings/{mapping_id}/activate/', { onSuccess });
  const off = $api.useMutation('post', '/api/v1/mappings/{mapping_id}/deactivate/', { onSuccess });
  return {
    activate: (number: number) => {
      off.reset();
      on.mutate({ params: { path: { mapping_id } }, body: { number } });
    },
    deactivate: () => {
      on.reset();
      off.mutate({ params: { path: { mapping_id } } });
    },
    isBusy: on.isPending || off.isPending,
    error: on.error ?? off.error,
  };
}

function Deletion({ mapping, onClose }: { mapping: Mapping; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const drop = $api.useMutation('delete', '/api/v1/mappings/{mapping_id}/', {
    onSuccess: async () => {
      await navigate({ to: '/parsers', ignoreBlocker: true });
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/mappings/'] });
    },
  });
  return (
    <Dialog onClose={onClose} title={t(texts.drop)}>
      <p>{t(texts.dropSure, { name: mapping.name })}</p>
      {drop.error != null && <p role="alert">{drop.error instanceof Error ? drop.error.message : ''}</p>}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t(common.cancel)}
        </Button>
        <Button
          color="red.9"
          loading={drop.isPending}
          onClick={() => drop.mutate({ params: { path: { mapping_id: mapping.id } } })}
        >
          {t(texts.delete)}
        </Button>
      </Group>
    </Dialog>
  );
}
