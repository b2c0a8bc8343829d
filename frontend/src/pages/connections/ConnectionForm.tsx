/** The form of a connection. Passwords and keys are written, never read. */

import { Alert, Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { Problem } from '@/api/problem';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { BrokerFields, PasteField } from './BrokerFields';
import { CertificateFields } from './CertificateFields';
import classes from './Connections.module.css';
import { BLANK, type Connection, changed, created, type FieldProps, type Form, formOf } from './form';
import { NOWHERE, type Place, placeOf } from './place';
import { SiteFields, useChoices } from './SiteFields';
import { texts } from './texts';

type Props = {
  /** The one to change; none for a new one. */
  stored: Connection | undefined;
  /** What the form begins with. */
  model: Connection | undefined;
  /** The site to connect. */
  siteId: number | undefined;
  onClose: () => void;
  onReload: () => void;
};

export function ConnectionForm({ stored, model, siteId, onClose, onReload }: Props) {
  const client = useQueryClient();
  const [form, setForm] = useState<Form>(model ? formOf(model) : BLANK);
  const [place, setPlace] = useState<Place>({ ...NOWHERE, siteId: siteId ?? null });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const choices = useChoices();
  const errors = problem?.fields ?? {};

  async function save(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      if (stored) await change(form, stored);
      else await create(form, place, (siteId) => setPlace((now) => ({ ...now, siteId, isNew: false })));
      await client.invalidateQueries();
      onClose();
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, 'no_answer', String(error), ''));
    } finally {
      setBusy(false);
    }
  }

  const fields: FieldProps = { form, errors, onChange: (changes) => setForm((now) => ({ ...now, ...changes })) };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {problem && <Refusal problem={problem} onReload={onReload} />}
      <div className={classes.formGrid}>
        <PasteField {...fields} onPrefix={(slug) => setPlace((now) => placeOf(now, slug, choices))} />
        {!stored && <SiteFields place={place} choices={choices} onChange={setPlace} errors={errors} />}
        <BrokerFields {...fields} stored={stored} />
        <CertificateFields {...fields} stored={stored} />
      </div>
      <Group justify="space-between" mt="lg">
        <span className="dimmed">{stored && t(texts.appliesAtCheck)}</span>
        <Group gap={8}>
          <Button variant="default" onClick={onClose}>
            {t(common.cancel)}
          </Button>
          <Button type="submit" loading={isBusy}>
            {t(stored ? texts.save : texts.saveNew)}
          </Button>
        </Group>
      </Group>
    </form>
  );
}

async function change(form: Form, stored: Connection): Promise<void> {
  const params = { path: { connection_id: stored.id } };
  await api.PATCH('/api/v1/connections/{connection_id}/', { params, body: changed(form, stored) });
}

/** A new site stays when its connection is refused, and the next attempt finds it. */
async function create(form: Form, place: Place, onSite: (id: number) => void): Promise<void> {
  let { siteId } = place;
  if (place.isNew) {
    const { name, slug, site_type, timezone } = place;
    const { data } = await api.POST('/api/v1/sites/', { body: { name, slug, site_type, timezone } });
    siteId = data?.id ?? null;
    if (siteId !== null) onSite(siteId);
  }
  await api.POST('/api/v1/connections/', { body: created(form, siteId ?? 0) });
}

/** What no field shows; somebody else's change is told with a way to look at it. */
function Refusal({ problem, onReload }: { problem: Problem; onReload: () => void }) {
  const isOutdated = problem.code === 'outdated';
  const shown = ['broker_host', 'broker_port', 'username', 'password', 'name', 'slug', 'site', 'client_key'];
  const others = Object.entries(problem.fields).filter(([name]) => !shown.includes(name));
  return (
    <Alert color="gray" variant="light" mb="md" role="alert" title={isOutdated ? t(texts.outdated) : undefined}>
      {problem.message}
      {others.map(([name, words]) => (
        <div key={name}>
          {name}: {words}
        </div>
      ))}
      {isOutdated && (
        <Button size="xs" variant="default" mt="xs" onClick={onReload}>
          {t(texts.lookAgain)}
        </Button>
      )}
    </Alert>
  );
}
