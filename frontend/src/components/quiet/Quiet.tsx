/** Why is this site quiet? The way of its messages, step by step, as the server judges it; and what to do now. */

import { useState } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { LinkButton } from '@/components/LinkButton';
import { StatusIcon } from '@/components/StatusBadge';
import { ErrorState, Loading } from '@/components/states';
import { getLanguage, t } from '@/i18n';
import { inItalian } from './italian';
import classes from './Quiet.module.css';
import { texts } from './strings';

type Step = components['schemas']['WayOut'];
const ICONS = { ok: 'live', broken: 'down', unknown: 'waiting' } as const;
const EVERY_MS = 15_000;

export default function Quiet({ id }: { id: number }) {
  const { data, error, refetch } = $api.useQuery(
    'get',
    '/api/v1/sites/{site_id}/diagnosis/',
    { params: { path: { site_id: id } } },
    { refetchInterval: EVERY_MS },
  );
  const [isOpen, setOpen] = useState(false);
  if (error && !data) return <ErrorState what={t(texts.what)} error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading lines={1} height={84} />;
  const broken = data.steps.find(({ name }) => name === data.broken);
  const said = broken && sentences(broken);
  return (
    <section className={`card ${classes.panel}`} aria-labelledby="why-quiet">
      <div className={classes.head}>
        <div className={classes.answer}>
          <h2 id="why-quiet">{t(texts.title)}</h2>
          <p>
            <strong>{said ? said.words : t(texts.open)}</strong> {said?.action}
          </p>
        </div>
        {broken && <Way id={id} step={broken} />}
      </div>
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t(texts.all)}</summary>
        <ol className={classes.steps}>
          {data.steps.map((step) => (
            <li key={step.name} data-state={step.state}>
              <StatusIcon word={ICONS[step.state]} />
              <span className={classes.name}>{t(texts[step.name])}</span>
              <span>{sentences(step).words}</span>
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}

function sentences({ code, values, words, action }: Step) {
  return getLanguage() === 'it' ? inItalian(code, values) : { words, action };
}

/** Where the step is mended; nothing where the switch above does it, or only the field can. */
function Way({ id, step }: { id: number; step: Step }) {
  const look = { size: 'xs', variant: 'default' } as const;
  const params = { id: String(id) };
  if (step.code === 'no_connection')
    return (
      <LinkButton {...look} to="/connections" search={{ add: true, site: id }}>
        {t(texts.toConnections)}
      </LinkButton>
    );
  if (step.name === 'listener' || step.name === 'stored')
    return (
      <LinkButton {...look} to="/system">
        {t(texts.toSystem)}
      </LinkButton>
    );
  if (step.name === 'link')
    return (
      <LinkButton {...look} to="/logs/connection" search={{ site: id }}>
        {t(texts.toConnectionLog)}
      </LinkButton>
    );
  if (step.code === 'failing')
    return (
      <LinkButton {...look} to="/logs/parsing" search={{ site: id }}>
        {t(texts.toFailures)}
      </LinkButton>
    );
  if (step.name === 'devices' || step.name === 'fresh')
    return (
      <LinkButton {...look} to="/sites/$id" params={params} search={{ tab: 'devices' }}>
        {t(texts.toDevices)}
      </LinkButton>
    );
  if (step.name === 'wish') return null;
  return (
    <LinkButton {...look} to="/topics" search={{ site: id }}>
      {t(texts.toTopics)}
    </LinkButton>
  );
}
