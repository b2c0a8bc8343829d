/** What a datalogger can be asked to do, what was asked, and what it answered; administrators publish any message. */

import { Button, NativeSelect, NumberInput, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { $api } from '@/api/client';
import type { Datalogger } from '@/api/types';
import { useMay } from '@/hooks/useRole';
import { t } from '@/i18n';
import { COMMANDS, CommandQueue } from './CommandQueue';
import { commands as texts } from './commandStrings';
import classes from './Datalogger.module.css';
import { Gaps } from './Gaps';
import { BLANK, type Filled, GRAVE, METHODS, type Method, type Place, paramsOf, placeOf } from './methods';
import { Raw } from './Raw';
import { nodeOf, Rebirth } from './Rebirth';

const TOPICS = 20;

type Props = { device: Datalogger; slug: string };

export default function Commands({ device, slug }: Props) {
  const mayAsk = useMay('operator', device.site_id);
  const mayPublish = useMay('admin', device.site_id);
  const topics = $api.useQuery('get', '/api/v1/discovered-topics/', {
    params: { query: { site: device.site_id, mentions: device.serial, limit: TOPICS, sort: '-last_seen_at' } },
  });
  const [written, write] = useState<Place | null>(null);
  const paths = topics.data?.items.map((one) => one.topic_path) ?? [];
  const place = written ?? placeOf(paths, device.gateway_serial ?? null, device.metadata.datalogger);
  const topic = `${slug}/gateway/${place.gateway}/datalogger/${place.datalogger}/cmd`;
  const isKnown = place.gateway !== '' && place.datalogger !== '';
  const node = device.kind === 'sparkplug' ? nodeOf(device.serial) : null;
  if (node) {
    return (
      <section className={`card ${classes.commands}`} aria-labelledby="commands">
        <h2 id="commands">{t(texts.title)}</h2>
        <Rebirth site={device.site_id} {...node} />
        {mayPublish && <Raw site={device.site_id} begun={`spBv1.0/${node.group}/NCMD/${node.node}`} />}
      </section>
    );
  }
  return (
    <section className={`card ${classes.commands}`} aria-labelledby="commands">
      <h2 id="commands">{t(texts.title)}</h2>
      <p className="dimmed">{t(texts.why)}</p>
      {mayAsk && (
        <Ask device={device} place={place} topic={topic} isKnown={isKnown || topics.isPending} onPlace={write} />
      )}
      {isKnown && <CommandQueue site={device.site_id} topic={topic} />}
      {mayAsk && <Gaps device={device} />}
      {mayPublish && <Raw site={device.site_id} begun={isKnown ? topic : `${slug}/`} />}
    </section>
  );
}

type AskProps = { device: Datalogger; place: Place; topic: string; isKnown: boolean; onPlace: (place: Place) => void };

function Ask({ device, place, topic, isKnown, onPlace }: AskProps) {
  const client = useQueryClient();
  const [method, setMethod] = useState<Method>('get_status');
  const [filled, fill] = useState<Filled>(BLANK);
  const [timeout_s, setTimeout] = useState(30);
  const [expires_s, setExpires] = useState(300);
  const [wrong, setWrong] = useState<keyof Filled | null>(null);
  const ask = $api.useMutation('post', COMMANDS, {
    onSuccess: () => void client.invalidateQueries({ queryKey: ['get', COMMANDS] }),
  });
  const isPlaced = place.gateway !== '' && place.datalogger !== '';

  function send(): void {
    const params = paramsOf(method, filled, device.serial);
    setWrong(typeof params === 'string' ? params : null);
    if (typeof params === 'string') return;
    if (GRAVE.includes(method) && !window.confirm(t(texts.sure, { method, device: device.serial }))) return;
    ask.mutate({ body: { site: device.site_id, ...place, method, params, timeout_s, expires_s } });
  }

  const line = (name: keyof Filled, label: string, about?: string) => (
    <TextInput
      size="xs"
      label={label}
      description={about}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={filled[name]}
      error={wrong === name && t(texts.wrong)}
      onChange={(event) => fill({ ...filled, [name]: event.currentTarget.value })}
    />
  );
  return (
    <form
      className={classes.ask}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={classes.askLine}>
        <NativeSelect
          size="xs"
          label={t(texts.method)}
          value={method}
          onChange={(event) => setMethod(METHODS.find((one) => one === event.currentTarget.value) ?? 'get_status')}
          data={[...METHODS]}
        />
        {method === 'get_config' && line('type', t(texts.type))}
        {method === 'query_data' && (
          <>
            {line('from', t(texts.from), t(texts.timeAbout))}
            {line('to', t(texts.to))}
            {line('axes', t(texts.axes))}
            {line('points', t(texts.points))}
          </>
        )}
        <Button size="xs" type="submit" loading={ask.isPending} disabled={!isPlaced}>
          {t(texts.send)}
        </Button>
      </div>
      {method === 'set_config' && (
        <Textarea
          size="xs"
          label={t(texts.config)}
          rows={4}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={filled.config}
          error={wrong === 'config' && t(texts.wrong)}
          onChange={(event) => fill({ ...filled, config: event.currentTarget.value })}
        />
      )}
      {ask.error != null && <p role="alert">{ask.error instanceof Error ? ask.error.message : String(ask.error)}</p>}
      {!isKnown && <p role="status">{t(texts.noPlace)}</p>}
      <details open={!isKnown || undefined}>
        <summary>{t(texts.address)}</summary>
        <div className={classes.askLine}>
          <TextInput
            size="xs"
            label={t(texts.gateway)}
            value={place.gateway}
            onChange={(event) => onPlace({ ...place, gateway: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            label={t(texts.datalogger)}
            description={t(texts.dataloggerAbout)}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={place.datalogger}
            onChange={(event) => onPlace({ ...place, datalogger: event.currentTarget.value })}
          />
          <NumberInput
            size="xs"
            label={t(texts.timeout)}
            value={timeout_s}
            min={1}
            max={3_600}
            allowDecimal={false}
            onChange={(value) => setTimeout(Number(value) || 30)}
          />
          <NumberInput
            size="xs"
            label={t(texts.expires)}
            value={expires_s}
            min={5}
            max={86_400}
            allowDecimal={false}
            onChange={(value) => setExpires(Number(value) || 300)}
          />
        </div>
      </details>
      {isPlaced && <p className="dimmed mono">{t(texts.goesTo, { topic })}</p>}
    </form>
  );
}
