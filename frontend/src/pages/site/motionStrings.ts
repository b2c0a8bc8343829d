/** The words of a structure's motion. */

import { catalogue } from '@/i18n';

export const motion = catalogue({
  what: { en: 'The motion', it: 'Il movimento' },
  shaking: { en: 'Vibration, RMS by axis', it: 'Vibrazione, RMS per asse' },
  lastHour: { en: 'last hour', it: 'ultima ora' },
  lastDay: { en: 'last 24 hours', it: 'ultime 24 ore' },
  shakingWhy: {
    en: 'Root mean square about the mean, so gravity does not count.',
    it: 'Valore efficace attorno alla media: la gravità non conta.',
  },
  since: { en: 'since {time}', it: 'dalle {time}' },
  sinceWhy: {
    en: 'More lies beyond limits, or was stored a short while ago, than can be looked through at once: earlier hours are not counted.',
    it: 'Ci sono più valori oltre i limiti, o appena salvati, di quanti se ne possano esaminare in una volta: le ore precedenti non sono contate.',
  },
  tooFew: { en: 'not enough readings', it: 'letture insufficienti' },
  readings: {
    en: { one: '{count} reading', other: '{count} readings' },
    it: { one: '{count} lettura', other: '{count} letture' },
  },
  strongest: { en: 'The strongest {shown} of {count}.', it: 'I {shown} più forti su {count}.' },
  excursions: { en: 'Beyond limits', it: 'Oltre i limiti' },
  noneBeyond: {
    en: {
      one: 'The one sensor with limits that was heard kept them',
      other: 'All {count} sensors with limits that were heard kept them',
    },
    it: {
      one: 'L’unico sensore con limiti che ha trasmesso li ha rispettati',
      other: 'Tutti i {count} sensori con limiti che hanno trasmesso li hanno rispettati',
    },
  },
  times: { en: { one: 'once', other: '{count} times' }, it: { one: 'una volta', other: '{count} volte' } },
  latest: { en: 'The latest {shown} of {count}.', it: 'Gli ultimi {shown} su {count}.' },
});
