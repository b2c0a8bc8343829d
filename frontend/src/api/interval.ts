/** How often a device should speak, and who says so unless it is the device itself. */

import { catalogue, t } from '@/i18n';
import { pace } from '@/i18n/format';

const texts = catalogue({
  site: { en: '{span} (its site’s)', it: '{span} (del sito)' },
  default: { en: '{span} (default)', it: '{span} (predefinito)' },
});

type Speaking = { interval_from: 'device' | 'site' | 'default'; expected_interval_s: number };

export function expectedEvery({ interval_from, expected_interval_s }: Speaking): string {
  const said = pace(expected_interval_s);
  return interval_from === 'device' ? said : t(texts[interval_from], { span: said });
}
