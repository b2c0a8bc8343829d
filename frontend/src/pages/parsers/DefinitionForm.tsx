/** What a mapping says: which topics, who speaks, when, and its sensors. */

import { Button, NativeSelect, Switch } from '@mantine/core';
import { $api } from '@/api/client';
import { Icon } from '@/components/icons';
import { t } from '@/i18n';
import { type Draft, filterOf, newSensor, type SensorDraft } from './draft';
import { Line, SourceLine } from './Fields';
import classes from './Parsers.module.css';
import { SensorFields } from './SensorFields';
import { parsers as texts } from './strings';

type Props = {
  draft: Draft;
  site: number;
  slug: string;
  faults: Record<string, string>;
  isBarred: boolean;
  onChange: (draft: Draft) => void;
};

export function DefinitionForm({ draft, site, slug, faults, isBarred, onChange }: Props) {
  const set = (changes: Partial<Draft>) => onChange({ ...draft, ...changes });
  const setSensor = (id: number, changes: Partial<SensorDraft>) =>
    set({ sensors: draft.sensors.map((one) => (one.id === id ? { ...one, ...changes } : one)) });
  return (
    <fieldset className={classes.fields} disabled={isBarred}>
      <Line
        label={t(texts.template)}
        value={draft.template}
        error={faults.template}
        isRequired
        about={t(texts.templateAbout, { site: '{site}', place: '{place}' })}
        onChange={(template) => set({ template })}
      />
      <Takes template={draft.template} site={site} slug={slug} />
      <div className={classes.grid}>
        <SourceLine
          label={t(texts.device)}
          about={t(texts.deviceAbout, { levels: '{levels}' })}
          isRequired
          value={draft.device}
          error={faults.device}
          onChange={(device) => set({ device })}
        />
        <Line
          label={t(texts.time)}
          about={t(texts.timeAbout)}
          value={draft.time}
          error={faults.time}
          onChange={(time) => set({ time })}
        />
      </div>
      <details
        open={
          Boolean(draft.each || draft.gateway.text || draft.kind || draft.interval || draft.format === 'text') ||
          undefined
        }
      >
        <summary>{t(texts.more)}</summary>
        <div className={classes.grid}>
          <NativeSelect
            size="xs"
            label={t(texts.format)}
            value={draft.format}
            onChange={(event) => set({ format: event.currentTarget.value === 'text' ? 'text' : 'json' })}
            data={[
              { value: 'json', label: t(texts.json) },
              { value: 'text', label: t(texts.text) },
            ]}
          />
          <Line
            label={t(texts.each)}
            about={t(texts.eachAbout)}
            value={draft.each}
            error={faults.each}
            onChange={(each) => set({ each })}
          />
          <SourceLine
            label={t(texts.gateway)}
            value={draft.gateway}
            error={faults.gateway}
            onChange={(gateway) => set({ gateway })}
          />
          <Line
            label={t(texts.kind)}
            value={draft.kind}
            error={faults.kind}
            isPlain
            onChange={(kind) => set({ kind })}
          />
          <Line
            label={t(texts.interval)}
            value={draft.interval}
            error={faults.interval}
            onChange={(interval) => set({ interval })}
          />
        </div>
        <Switch
          mt="xs"
          size="xs"
          label={t(texts.textNumbers)}
          checked={draft.text_numbers}
          onChange={(event) => set({ text_numbers: event.currentTarget.checked })}
        />
      </details>
      {faults[''] && (
        <p role="alert" className={classes.wrong}>
          {faults['']}
        </p>
      )}
      <h2>{t(texts.sensors)}</h2>
      <p className="dimmed">{t(texts.sensorsAbout)}</p>
      {faults.sensors && (
        <p role="alert" className={classes.wrong}>
          {faults.sensors}
        </p>
      )}
      {draft.sensors.map((sensor, index) => (
        <SensorFields
          key={sensor.id}
          sensor={sensor}
          number={index + 1}
          fault={(field) => faults[`sensors.${index}${field && `.${field}`}`]}
          onChange={(changes) => setSensor(sensor.id, changes)}
          onRemove={() => set({ sensors: draft.sensors.filter((one) => one.id !== sensor.id) })}
        />
      ))}
      <div>
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => set({ sensors: [...draft.sensors, newSensor()] })}
        >
          {t(texts.add)}
        </Button>
      </div>
    </fieldset>
  );
}

/** How many topics of the site a template takes, as far as a filter can tell. */
function Takes({ template, site, slug }: { template: string; site: number; slug: string }) {
  const filter = filterOf(template, slug);
  const takes = $api.useQuery(
    'get',
    '/api/v1/discovered-topics/',
    { params: { query: { site, match: filter, limit: 1 } } },
    { enabled: template !== '' && !/[#+]/.test(template), retry: false },
  );
  if (!takes.data) return null;
  return <p className="dimmed">{t(texts.wouldMatch, { count: takes.data.count })}</p>;
}
