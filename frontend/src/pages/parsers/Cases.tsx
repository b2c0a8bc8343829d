/** The test cases of a mapping: captured messages, and whether its newest version makes of them what is expected. */

import { ActionIcon, Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { Icon } from '@/components/icons';
import { StatusIcon } from '@/components/StatusBadge';
import { ErrorState, Loading } from '@/components/states';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { CASES } from './KeepCase';
import classes from './Parsers.module.css';
import { parsers as texts } from './strings';

type Mapping = components['schemas']['MappingDetail'];
const SHOWN = 200;

export function Cases({ mapping, site, maySeeAll }: { mapping: Mapping; site: number; maySeeAll: boolean }) {
  const client = useQueryClient();
  const ofSite = mapping.site_id === null ? {} : { site };
  const found = $api.useQuery('get', CASES, {
    params: { query: { ...ofSite, parser_name: mapping.name, limit: SHOWN } },
  });
  const mayOperate = useMay('operator', mapping.site_id ?? undefined) && (mapping.site_id !== null || maySeeAll);
  const run = $api.useMutation('post', '/api/v1/mappings/{mapping_id}/test/');
  const onSuccess = () => void client.invalidateQueries({ queryKey: ['get', CASES] });
  const accept = $api.useMutation('patch', '/api/v1/parser-cases/{case_id}/', { onSuccess });
  const drop = $api.useMutation('delete', '/api/v1/parser-cases/{case_id}/', { onSuccess });
  const { mutate } = run;
  const { newest, id } = mapping;
  const rows = found.data?.items;
  useEffect(() => {
    if (rows?.length && mayOperate) mutate({ params: { path: { mapping_id: id } }, body: { number: newest } });
  }, [rows, mayOperate, mutate, id, newest]);
  const results = new Map(run.data?.items.map((one) => [one.id, one]));
  const error = run.error ?? accept.error ?? drop.error;
  return (
    <section className={`card ${classes.panel}`} aria-labelledby="cases">
      <h2 id="cases">{t(texts.cases)}</h2>
      <p className="dimmed">{t(texts.casesWhy)}</p>
      {found.error != null && !found.data && (
        <ErrorState what={t(texts.cases)} error={found.error} onRetry={() => void found.refetch()} />
      )}
      {found.isPending && <Loading lines={2} height={36} />}
      {rows?.length === 0 && <p>{t(texts.noCases)}</p>}
      {error != null && <p role="alert">{error instanceof Error ? error.message : String(error)}</p>}
      <p aria-live="polite">
        {Boolean(rows?.length) &&
          run.data &&
          t(texts.casesPass, { number: newest, passed: run.data.passed, failed: run.data.failed })}
      </p>
      <ul className={classes.cases}>
        {rows?.map((row) => {
          const result = results.get(row.id);
          return (
            <li key={row.id}>
              {result && <StatusIcon word={result.passed ? 'live' : 'down'} />}
              <div>
                {row.name}
                {result?.differences.map((words) => (
                  <div key={words} className="dimmed">
                    {words}
                  </div>
                ))}
              </div>
              {mayOperate && (
                <Group gap={6} wrap="nowrap">
                  {result && !result.passed && (
                    <Button
                      size="compact-xs"
                      variant="default"
                      title={t(texts.acceptWhy, { number: newest })}
                      onClick={() =>
                        accept.mutate({
                          params: { path: { case_id: row.id } },
                          body: { accept: true, version: newest },
                        })
                      }
                    >
                      {t(texts.accept)}
                    </Button>
                  )}
                  <ActionIcon
                    variant="default"
                    size={26}
                    aria-label={t(texts.dropCase, { name: row.name })}
                    onClick={() => drop.mutate({ params: { path: { case_id: row.id } } })}
                  >
                    <Icon name="close" size={13} />
                  </ActionIcon>
                </Group>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
