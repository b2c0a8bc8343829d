/** How often a device should speak: as it says itself, else as its site or the system takes it. */

import { catalogue, t } from '@/i18n';
import { span } from '@/i18n/format';

const texts = catalogue({ assumed: { en: '{span} (assumed)', it: '{span} (presunto)' } });

type Speaking = { interval_s: number | null; expected_interval_s: number };

export function expectedEvery({ interval_s, expected_interval_s }: Speaking): string {
  const said = span(expected_interval_s);
  return interval_s ? said : t(texts.assumed, { span: said });
}
