/** One sensor of a mapping: its name, where its value stands, its unit, and how the number is made. */

import { ActionIcon, Switch } from '@mantine/core';
import { Icon } from '@/components/icons';
import { t } from '@/i18n';
import type { SensorDraft } from './draft';
import { Line } from './Fields';
import classes from './Parsers.module.css';
import { parsers as texts } from './strings';

type Props = {
  sensor: SensorDraft;
  number: number;
  fault: (field: string) => string | undefined;
  onChange: (changes: Partial<SensorDraft>) => void;
  onRemove: () => void;
};

export function SensorFields({ sensor, number, fault, onChange, onRemove }: Props) {
  const name = sensor.key.text || t(texts.sensorNo, { number });
  const hasMore = [
    sensor.key.from === 'message',
    sensor.each,
    sensor.unit_from,
    sensor.kind,
    sensor.time,
    sensor.enumeration,
    sensor.components,
  ].some(Boolean);
  const isWrong = ['each', 'unit_from', 'kind', 'time', 'enumeration', 'components'].some(fault);
  const line = (field: 'each' | 'unit_from' | 'kind' | 'time', label: string, about?: string) => (
    <Line
      label={label}
      about={about}
      value={sensor[field]}
      error={fault(field)}
      isPlain={field === 'kind'}
      onChange={(value) => onChange({ [field]: value })}
    />
  );
  return (
    <fieldset className={classes.sensor} aria-label={name}>
      <div className={classes.sensorLine}>
        <Line
          label={t(sensor.key.from === 'message' ? texts.keyAt : texts.key)}
          value={sensor.key.text}
          error={fault('key') ?? fault('')}
          onChange={(text) => onChange({ key: { ...sensor.key, text } })}
        />
        <Line
          label={t(texts.value)}
          value={sensor.value}
          error={fault('value')}
          onChange={(value) => onChange({ value })}
        />
        <Line
          label={t(texts.unit)}
          value={sensor.unit}
          error={fault('unit')}
          isPlain
          onChange={(unit) => onChange({ unit })}
        />
        <Line
          label={t(texts.scale)}
          value={sensor.scale}
          error={fault('scale')}
          onChange={(scale) => onChange({ scale })}
        />
        <Line
          label={t(texts.offset)}
          value={sensor.offset}
          error={fault('offset')}
          onChange={(offset) => onChange({ offset })}
        />
        <ActionIcon variant="default" size={30} aria-label={t(texts.remove, { name })} onClick={onRemove}>
          <Icon name="close" size={14} />
        </ActionIcon>
      </div>
      <details open={hasMore || isWrong || undefined}>
        <summary>{t(texts.more)}</summary>
        <div className={classes.grid}>
          {line('each', t(texts.eachReading), t(texts.eachReadingAbout))}
          {line('unit_from', t(texts.unitFrom))}
          {line('time', t(texts.time))}
          {line('kind', t(texts.kind))}
          <Line
            label={t(texts.enumeration)}
            value={sensor.enumeration}
            placeholder={t(texts.enumerationExample)}
            error={fault('enumeration')}
            onChange={(enumeration) => onChange({ enumeration })}
          />
          <Line
            label={t(texts.components)}
            value={sensor.components}
            placeholder="x, y, z"
            error={fault('components')}
            onChange={(components) => onChange({ components })}
          />
        </div>
        <Switch
          mt="xs"
          size="xs"
          label={t(texts.keyFrom)}
          checked={sensor.key.from === 'message'}
          onChange={(event) =>
            onChange({ key: { ...sensor.key, from: event.currentTarget.checked ? 'message' : 'topic' } })
          }
        />
      </details>
    </fieldset>
  );
}
