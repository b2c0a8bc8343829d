/** What people say of a sensor – its label, its unit, its limits – and the words for that. */

import type { Sensor } from '@/api/types';
import { catalogue } from '@/i18n';

export const limits = catalogue({
  edit: { en: 'Label and limits', it: 'Etichetta e limiti' },
  title: { en: 'Label, unit and limits of {key}', it: 'Etichetta, unità e limiti di {key}' },
  label: { en: 'Label', it: 'Etichetta' },
  unit: { en: 'Unit', it: 'Unità' },
  unitAbout: {
    en: 'Shown instead of the one the device says. Values are not converted.',
    it: 'Mostrata al posto di quella indicata dal dispositivo. I valori non vengono convertiti.',
  },
  lower: { en: 'Lower limit', it: 'Limite inferiore' },
  upper: { en: 'Upper limit', it: 'Limite superiore' },
  limitsAbout: {
    en: 'Drawn in the chart, in the unit that is shown. They ring nobody: notices have rules of their own.',
    it: 'Disegnati nel grafico, nell’unità mostrata. Non avvisano nessuno: gli avvisi hanno regole proprie.',
  },
  save: { en: 'Save', it: 'Salva' },
  saved: { en: 'Saved.', it: 'Salvato.' },
  beyond: { en: 'Beyond its limits ({range}).', it: 'Oltre i limiti ({range}).' },
  within: { en: 'Limits: {range}.', it: 'Limiti: {range}.' },
});

type Limited = Pick<Sensor, 'lower_limit' | 'upper_limit'>;

/** "≥ 1", "≤ 4" or "1 … 4"; empty where it has none. */
export function rangeOf({ lower_limit: lower, upper_limit: upper }: Limited, said: (value: number) => string): string {
  if (lower != null && upper != null) return `${said(lower)} … ${said(upper)}`;
  if (lower != null) return `≥ ${said(lower)}`;
  return upper == null ? '' : `≤ ${said(upper)}`;
}

export function isBeyond({ lower_limit: lower, upper_limit: upper }: Limited, min: number, max: number): boolean {
  return (lower != null && min < lower) || (upper != null && max > upper);
}
