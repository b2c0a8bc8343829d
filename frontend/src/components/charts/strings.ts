/** The words of charts. */

import { catalogue } from '@/i18n';
import { shared } from '@/i18n/shared';

export const charts = catalogue({
  summary: { en: '{name}{last} at last, from {min} to {max}', it: '{name}{last} alla fine, da {min} a {max}' },
  nothingRead: { en: 'Nothing was read in this time.', it: 'Nessuna lettura in questo periodo.' },
  gaps: {
    en: { one: '{count} gap, {span}.', other: '{count} gaps, {span} together.' },
    it: { one: '{count} interruzione, {span}.', other: '{count} interruzioni, {span} in tutto.' },
  },
  noGaps: { en: 'No gaps.', it: 'Nessuna interruzione.' },
  nothingSince: { en: 'Nothing in the last {span}.', it: 'Nulla negli ultimi {span}.' },
  averages: { en: 'averages of {span}, with the range of each', it: 'medie di {span}, con l’intervallo di ciascuna' },
  table: { en: 'Table', it: 'Tabella' },
  chart: { en: 'Chart', it: 'Grafico' },
  csv: { en: 'CSV', it: 'CSV' },
  downloadCsv: { en: 'Download as CSV', it: 'Scarica come CSV' },
  time: shared.time,
  readings: { en: 'Readings', it: 'Letture' },
});
