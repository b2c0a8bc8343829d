/** The words of payloads. */

import { catalogue } from '@/i18n';

export const payload = catalogue({
  samples: { en: 'The messages', it: 'I messaggi' },
  none: { en: 'No message was kept yet', it: 'Nessun messaggio conservato' },
  noneWhy: {
    en: 'Of each topic one message in ten seconds is kept, the last twenty.',
    it: 'Di ogni topic si conserva un messaggio ogni dieci secondi, gli ultimi venti.',
  },
  pretty: { en: 'Pretty', it: 'Leggibile' },
  raw: { en: 'Raw', it: 'Grezzo' },
  hex: { en: 'Hex', it: 'Hex' },
  diff: { en: 'Diff', it: 'Differenze' },
  view: { en: 'Show as', it: 'Mostra come' },
  kept: { en: 'Messages kept, newest first', it: 'Messaggi conservati, dal più recente' },
  compareWith: { en: 'Compared with', it: 'Confrontato con' },
  previous: { en: 'the one before', it: 'il precedente' },
  noPrevious: { en: 'There is none before it to compare with.', it: 'Non ce n’è uno precedente.' },
  noChange: { en: 'Nothing has changed.', it: 'Nulla è cambiato.' },
  changes: {
    en: { one: '{count} line is different', other: '{count} lines are different' },
    it: { one: '{count} riga diversa', other: '{count} righe diverse' },
  },
  qos: { en: 'QoS {qos}', it: 'QoS {qos}' },
  retained: { en: 'retained', it: 'ritenuto' },
  cut: { en: 'first {shown} of {size}', it: 'primi {shown} di {size}' },
  notText: {
    en: 'These bytes are no text; they are shown in hex.',
    it: 'Questi byte non sono testo; mostrati in hex.',
  },
  notJson: { en: 'This is no JSON; it is shown as it came.', it: 'Non è JSON; mostrato come è arrivato.' },
  empty: { en: '(empty)', it: '(vuoto)' },
  clockSkew: {
    en: 'The payload says {time}: {span} away from when it came.',
    it: 'Il messaggio dice {time}: {span} di distanza dall’arrivo.',
  },
  copyPath: { en: 'Copy path', it: 'Copia il percorso' },
  copyPayload: { en: 'Copy payload', it: 'Copia il messaggio' },
  copyCommand: { en: 'Copy as mosquitto_pub', it: 'Copia come mosquitto_pub' },
  hold: { en: 'Hold', it: 'Ferma' },
  follow: { en: 'Follow', it: 'Segui' },
  held: { en: 'Held; {count} newer', it: 'Fermo; {count} più recenti' },
});
