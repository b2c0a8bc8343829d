/** A mapping while it is written: what stands in the fields, and the definition that this makes. */

import type { components } from '@/api/schema';

export type Definition = components['schemas']['Definition'];
type Sensor = components['schemas']['SensorMapping'];

/** Text with {levels} of the topic, or an expression that is looked up in the message. */
export type Source = { from: 'topic' | 'message'; text: string };

export type SensorDraft = {
  id: number;
  key: Source;
  value: string;
  unit: string;
  scale: string;
  offset: string;
  each: string;
  unit_from: string;
  kind: string;
  time: string;
  /** on=1, off=0 */
  enumeration: string;
  /** x, y, z */
  components: string;
};

export type Draft = {
  template: string;
  format: 'json' | 'text';
  device: Source;
  gateway: Source;
  each: string;
  kind: string;
  time: string;
  interval: string;
  text_numbers: boolean;
  sensors: SensorDraft[];
};

let made = 0;

export function newSensor(changes: Partial<SensorDraft> = {}): SensorDraft {
  return {
    id: ++made, key: { from: 'topic', text: '' }, value: '', unit: '', scale: '1', offset: '0', each: '', unit_from: '',
    kind: '', time: '', enumeration: '', components: '', ...changes,
  }; // biome-ignore format: a list
}

export function draftOf(definition: Definition): Draft {
  return {
    template: definition.template,
    format: definition.format ?? 'json',
    device: sourceOf(definition.device, definition.device_from),
    gateway: sourceOf(definition.gateway, definition.gateway_from),
    each: definition.each ?? '',
    kind: definition.kind ?? '',
    time: definition.time ?? '',
    interval: definition.interval == null ? '' : String(definition.interval),
    text_numbers: definition.text_numbers ?? false,
    sensors: definition.sensors.map((sensor) =>
      newSensor({
        key: sourceOf(sensor.key, sensor.key_from),
        value: sensor.value,
        unit: sensor.unit ?? '',
        scale: String(sensor.scale ?? 1),
        offset: String(sensor.offset ?? 0),
        each: sensor.each ?? '',
        unit_from: sensor.unit_from ?? '',
        kind: sensor.kind ?? '',
        time: sensor.time ?? '',
        enumeration: Object.entries(sensor.enumeration ?? {})
          .map(([word, value]) => `${word}=${value}`)
          .join(', '),
        components: (sensor.components ?? []).join(', '),
      }),
    ),
  };
}

function sourceOf(text: string | undefined, expression: string | null | undefined): Source {
  return expression ? { from: 'message', text: expression } : { from: 'topic', text: text ?? '' };
}

/** Only what says something; what the server would fill in is left out, so that equal drafts are equal. */
export function definitionOf(draft: Draft): Definition {
  return {
    template: draft.template.trim(),
    ...(draft.format === 'text' && { format: 'text' as const }),
    ...said('each', draft.each),
    ...sourced('device', draft.device),
    ...sourced('gateway', draft.gateway),
    ...said('kind', draft.kind),
    ...said('time', draft.time),
    ...(draft.interval.trim() && { interval: numberOf(draft.interval) }),
    ...(draft.text_numbers && { text_numbers: true }),
    sensors: draft.sensors.map(sensorOf),
  } as Definition;
}

function sensorOf(draft: SensorDraft): Sensor {
  const scale = numberOf(draft.scale || '1');
  const offset = numberOf(draft.offset || '0');
  const words = wordsOf(draft.enumeration);
  const names = listed(draft.components);
  return {
    ...sourced('key', draft.key),
    value: draft.value.trim(),
    ...said('each', draft.each),
    ...said('unit', draft.unit),
    ...said('unit_from', draft.unit_from),
    ...said('kind', draft.kind),
    ...said('time', draft.time),
    ...(scale !== 1 && { scale }),
    ...(offset !== 0 && { offset }),
    ...(Object.keys(words).length > 0 && { enumeration: words }),
    ...(names.length > 0 && { components: names }),
  } as Sensor;
}

function said<Name extends string>(name: Name, text: string) {
  const value = text.trim();
  return value ? { [name]: value } : {};
}

function sourced(name: string, { from, text }: Source) {
  return said(from === 'message' ? `${name}_from` : name, text);
}

/** NaN, which JSON sends as null and the server refuses, where it is none; a comma may stand for the point. */
function numberOf(text: string): number {
  return Number(text.trim().replace(',', '.'));
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}

/** "on=1, off=0". Words are compared in small letters, as the server does with what stands in a message. */
export function wordsOf(text: string): Record<string, number> {
  return Object.fromEntries(
    listed(text).map((pair) => {
      const place = pair.lastIndexOf('=');
      return [
        pair.slice(0, place < 0 ? undefined : place).trim(),
        place < 0 ? Number.NaN : numberOf(pair.slice(place + 1)),
      ];
    }),
  );
}

/** A place in a message, as the server names it, as an expression: a[0]["b c"] is a[0]."b c". */
export function expressionOf(path: string): string {
  return path.replace(/\[("(?:[^"\\]|\\.)*")\]/g, (_, name: string, at: number) => (at ? `.${name}` : name));
}

/** What a value may be called: its last name, or the one above where that says nothing of its own. */
export function keyOf(path: string): string {
  const names = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|([A-Za-z_][\w-]*)/g)].map((one) => one[1] ?? one[2] ?? '');
  const last = names.at(-1) ?? 'value';
  const key = last === 'value' && names.length > 1 ? (names.at(-2) ?? last) : last;
  return key.replace(/[{}]/g, '').slice(0, 128);
}

/** The open levels of a template: {site}/weather/{place} has site and place. */
export function levelsOf(template: string): string[] {
  return [...template.matchAll(/\{([a-z_][a-z0-9_]*)\}/g)].map((one) => one[1] ?? '');
}

/** The narrowest MQTT filter that holds a template's topics, as the server makes it. */
export function filterOf(template: string, slug: string): string {
  const levels = template.replace('{site}', slug).split('/');
  return levels.map((level) => (levelsOf(level).length ? '+' : level)).join('/');
}

/** A name to begin with, from the levels that are not open: weather_state. */
export function nameOf(template: string): string {
  const levels = template.split('/').filter((level) => level && !level.includes('{'));
  const words = levels
    .slice(-2)
    .join('_')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_');
  return words.replace(/^[^a-z0-9]+/, '').slice(0, 64) || 'mapping';
}

/** What is wrong, by the field's name in the draft: the server speaks of `definition.sensors.0.value`. */
export function faultsOf(fields: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [place, words] of Object.entries(fields)) {
    const name = place.replace(/^definition\.?/, '').replace(/\.(\d+\.)?\[key\]$/, '');
    const field = name
      .replace(/\b(device|gateway|key)_from$/, '$1')
      .replace(/^(sensors\.\d+\.(?:enumeration|components))\..*/, '$1');
    found[field] = words.replace(/^Value error, /, '');
  }
  return found;
}
