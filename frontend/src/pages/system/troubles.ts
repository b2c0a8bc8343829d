/** What does not run, or does not hold, though it should, in words, and what mends it. */

import type { components } from '@/api/schema';
import { t } from '@/i18n';
import { span } from '@/i18n/format';
import { texts } from './texts';

type Looked = Pick<
  components['schemas']['SystemOut'],
  'is_listening' | 'queues' | 'reconcile' | 'reconcile_period_s' | 'broken_conditions'
>;
export type Trouble = { key: string; words: string; command?: string };

const PERIODS = 2.5;

export function troubles({
  is_listening,
  queues,
  reconcile,
  reconcile_period_s,
  broken_conditions,
}: Looked): Trouble[] {
  const found: Trouble[] = [];
  if (!is_listening) found.push({ key: 'listener', words: t(texts.noListener), command: 'python manage.py run_mqtt' });
  for (const { name, is_consumed } of queues)
    if (!is_consumed)
      found.push({ key: name, words: t(texts.queueStill, { name }), command: `celery -A project worker -Q ${name}` });
  if (reconcile && reconcile.age_s > PERIODS * reconcile_period_s)
    found.push({ key: 'reconcile', words: t(texts.reconcileLate, { span: span(reconcile.age_s) }) });
  for (const { id, words, hint } of broken_conditions) found.push({ key: id, words: `${words} ${hint}` });
  return found;
}
