/** What a parser would make of a message: the one shown, a pasted one, or all that are kept; nothing is written. */

import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { $api } from '@/api/client';
import { trial as words } from '@/components/trial/strings';
import { TrialResult, type Tried } from '@/components/trial/TrialResult';
import { useKeys } from '@/hooks/useKeys';
import { t } from '@/i18n';
import { shortMoment } from '@/i18n/format';
import { topics as texts } from './strings';
import classes from './Topics.module.css';
import type { Topic } from './tree';

const LAST = 100;
const FAILURES = 10; // shown at once

export function Trial({ topic, parser, sample }: { topic: Topic; parser: string; sample: string | null }) {
  const one = $api.useMutation('post', '/api/v1/parsers/try/');
  const all = $api.useMutation('post', '/api/v1/parsers/try-topic/');
  const [pasted, paste] = useState<string | null>(null);
  const body = { site: topic.site_id, parser_name: parser };
  const error = one.error ?? all.error;
  const tryOne = () => {
    all.reset();
    const message =
      pasted !== null
        ? { topic: topic.topic_path, text: pasted }
        : sample !== null
          ? { topic: topic.topic_path, payload: sample }
          : { discovered_topic: topic.id };
    one.mutate({ body: { ...body, retain: false, ...message } });
  };
  const tryAll = () => {
    one.reset();
    all.mutate({ body: { ...body, discovered_topic: topic.id, limit: LAST } });
  };
  useKeys([['t', tryOne]]);
  const failed = all.data?.items.filter((item) => !item.passes) ?? [];
  return (
    <section className={classes.form} aria-label={t(texts.tryParser)}>
      <h3>{t(texts.tryParser)}</h3>
      <p className={classes.note}>{t(words.nothingWritten)}</p>
      {pasted !== null && (
        <Textarea
          size="xs"
          label={t(texts.pasted)}
          value={pasted}
          rows={5}
          spellCheck={false}
          data-autofocus
          classNames={{ input: 'mono' }}
          onChange={(event) => paste(event.currentTarget.value)}
        />
      )}
      <div className={classes.buttons}>
        <Button
          size="xs"
          variant="default"
          loading={one.isPending}
          disabled={pasted === ''}
          aria-keyshortcuts="t"
          onClick={tryOne}
        >
          {t(pasted !== null ? texts.tryPasted : sample === null ? texts.tryIt : texts.tryShown)}
        </Button>
        <Button size="xs" variant="default" loading={all.isPending} onClick={tryAll}>
          {t(texts.tryAll)}
        </Button>
        <Button size="xs" variant="subtle" onClick={() => paste(pasted === null ? '' : null)}>
          {t(pasted === null ? texts.paste : texts.unpaste)}
        </Button>
      </div>
      <div aria-live="polite" className={classes.form}>
        {error != null && (
          <p role="alert" className={classes.failed}>
            {error instanceof Error ? error.message : String(error)}
          </p>
        )}
        {all.data && (
          <p>
            {t(texts.passes, all.data)}
            {all.data.skipped > 0 && ` ${t(texts.skipped, { count: all.data.skipped })}`}
          </p>
        )}
        {all.data && all.data.tried > 0 && (
          <p>
            {t(words.madeReadings, {
              with: all.data.with_readings,
              tried: all.data.tried,
              readings: t(words.countedReadings, { count: all.data.readings }),
            })}
          </p>
        )}
        {failed.slice(0, FAILURES).map((item, place) => (
          <details key={`${item.origin} ${item.received_at}`} open={place === 0}>
            <summary>
              {shortMoment(item.received_at)} {item.faults[0]?.path || item.reason || t(words.readsNothing)}
            </summary>
            <TrialResult tried={item} withMessage />
          </details>
        ))}
        {failed.length > FAILURES && (
          <p className={classes.note}>{t(texts.moreFail, { count: failed.length - FAILURES })}</p>
        )}
        {one.data && (
          <>
            <TrialResult tried={one.data} withMessage={!one.data.passes} />
            <Keep key={one.submittedAt} tried={one.data} site={topic.site_id} parser={one.data.parser || parser} />
          </>
        )}
      </div>
    </section>
  );
}

/** What one sees becomes what is expected of the parser from now on. */
function Keep({ tried, site, parser }: { tried: Tried; site: number; parser: string }) {
  const keep = $api.useMutation('post', '/api/v1/parser-cases/');
  const [name, setName] = useState(`${tried.topic.slice(-90)} ${shortMoment(tried.received_at)}`);
  const { topic, payload, retain, received_at } = tried;
  if (keep.isSuccess) return <p className={classes.note}>{t(texts.saved)}</p>;
  if (!parser || payload === null) return null;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        keep.mutate({ body: { site, name, topic, payload, retain, received_at, parser_name: parser } });
      }}
    >
      <TextInput
        size="xs"
        label={t(texts.caseName)}
        value={name}
        maxLength={128}
        error={keep.error instanceof Error ? keep.error.message : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className={classes.buttons}>
        <Button size="compact-xs" variant="default" type="submit" loading={keep.isPending} disabled={!name}>
          {t(texts.save)}
        </Button>
      </div>
    </form>
  );
}
