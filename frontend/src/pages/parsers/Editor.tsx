/** Writes a mapping beside a live preview, and saves it: a new one, or one more version of it. */

import { Button, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { components } from '@/api/schema';
import { announce } from '@/components/Announcer';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { DefinitionForm } from './DefinitionForm';
import { type Definition, definitionOf, draftOf, expressionOf, faultsOf, keyOf, nameOf, newSensor } from './draft';
import { KeepCase } from './KeepCase';
import classes from './Parsers.module.css';
import { PreviewPane } from './PreviewPane';
import { parsers as texts } from './strings';
import { usePreview, type Wanted } from './usePreview';

const PAUSE_MS = 350; // of typing, before the server is asked

type Props = {
  mapping?: components['schemas']['MappingDetail'];
  definition: Definition;
  /** An older version, to go on from there. */
  begin?: Definition;
  /** On whose messages it is tried, and whose a new one will be. */
  site: { id: number; slug: string };
  failure?: number | undefined;
  maySeeAll?: boolean;
};

export function Editor({ mapping, definition, begin, site, failure, maySeeAll = false }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(() => draftOf(begin ?? definition));
  const [name, setName] = useState(() => nameOf(definition.template));
  const [isForAll, setForAll] = useState(false);
  const [note, setNote] = useState('');
  const [wanted, want] = useState<Wanted>(failure === undefined ? { kind: 'kept' } : { kind: 'failure', id: failure });
  const isBarred = !useMay('operator', mapping?.site_id ?? site.id) || (mapping?.site_id === null && !maySeeAll);
  const said = JSON.stringify(definitionOf(draft));
  const [settled] = useDebouncedValue(said, PAUSE_MS);
  const preview = usePreview(site.id, settled, wanted, !isBarred);
  const isChanged = said !== JSON.stringify(definitionOf(draftOf(definition)));
  const isOpen = isChanged || !mapping;

  const saved = (id: number) => {
    announce(t(texts.saved));
    for (const path of [
      '/api/v1/mappings/',
      '/api/v1/mappings/{mapping_id}/',
      '/api/v1/mappings/{mapping_id}/versions/',
    ])
      void client.invalidateQueries({ queryKey: ['get', path] });
    if (!mapping)
      void navigate({
        to: '/parsers/$id',
        params: { id: String(id) },
        search: { site: site.id, failure },
        replace: true,
        ignoreBlocker: true,
      });
  };
  const create = $api.useMutation('post', '/api/v1/mappings/', { onSuccess: (row) => saved(row.id) });
  const revise = $api.useMutation('post', '/api/v1/mappings/{mapping_id}/versions/', {
    onSuccess: () => saved(mapping?.id ?? 0),
  });
  const error = mapping ? revise.error : create.error;
  const wrong = error instanceof Problem ? error.fields : {};
  const isSaving = create.isPending || revise.isPending;
  useBlocker({
    shouldBlockFn: () => isChanged && !isSaving && !create.isSuccess && !window.confirm(t(texts.leave)),
    enableBeforeUnload: isChanged,
  });

  function save(): void {
    const body = { definition: JSON.parse(said) as Definition, note };
    if (mapping) revise.mutate({ params: { path: { mapping_id: mapping.id } }, body });
    else create.mutate({ body: { ...body, site: isForAll ? null : site.id, name } });
  }

  function pick(path: string): void {
    const value = expressionOf(path);
    const blank = draft.sensors.find((sensor) => !sensor.value);
    const sensor = newSensor({ key: { from: 'topic', text: keyOf(path) }, value });
    const others = draft.sensors.filter((one) => one !== blank);
    if (!others.some((one) => one.value === value && !one.each)) setDraft({ ...draft, sensors: [...others, sensor] });
  }

  return (
    <div className={classes.editor}>
      <form
        className={`card ${classes.form}`}
        aria-label={t(texts.mapping)}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {isBarred && <p className="dimmed">{t(texts.readOnly)}</p>}
        {!mapping && (
          <TextInput
            size="xs"
            label={t(texts.name)}
            description={t(texts.nameAbout)}
            value={name}
            error={wrong.name}
            withAsterisk
            maxLength={64}
            spellCheck={false}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        {!mapping && maySeeAll && (
          <Switch
            size="xs"
            label={t(texts.forAll)}
            checked={isForAll}
            onChange={(event) => setForAll(event.currentTarget.checked)}
          />
        )}
        <DefinitionForm
          draft={draft}
          site={site.id}
          slug={site.slug}
          faults={{ ...faultsOf(wrong), ...(isChanged ? preview.faults : {}) }}
          isBarred={isBarred}
          onChange={setDraft}
        />
        {!isBarred && isOpen && (
          <div className={classes.save}>
            {mapping && (
              <TextInput
                size="xs"
                aria-label={t(texts.note)}
                placeholder={t(texts.note)}
                value={note}
                maxLength={500}
                onChange={(event) => setNote(event.currentTarget.value)}
              />
            )}
            <Button type="submit" size="xs" loading={isSaving} disabled={Object.keys(preview.faults).length > 0}>
              {mapping ? t(texts.revise, { number: mapping.newest + 1 }) : t(texts.create)}
            </Button>
            {error != null && <p role="alert">{error instanceof Error ? error.message : String(error)}</p>}
          </div>
        )}
      </form>
      {!isBarred && (
        <PreviewPane
          preview={preview}
          wanted={wanted}
          failure={failure}
          onWanted={want}
          onPick={pick}
          acts={(tried) =>
            mapping && !isChanged ? (
              <KeepCase
                key={`${tried.topic} ${tried.received_at}`}
                tried={tried}
                site={site.id}
                parser={mapping.name}
                version={mapping.newest}
              />
            ) : (
              <p className="dimmed">{t(texts.saveFirst)}</p>
            )
          }
        />
      )}
    </div>
  );
}
