/** The words of a trial: what would become of a message. */

import { catalogue } from '@/i18n';
import { shared } from '@/i18n/shared';

export const trial = catalogue({
  nothingWritten: { en: 'Nothing is written.', it: 'Non viene scritto nulla.' },
  wouldStore: {
    en: { one: '{count} reading would be stored', other: '{count} readings would be stored' },
    it: { one: '{count} lettura sarebbe memorizzata', other: '{count} letture sarebbero memorizzate' },
  },
  readsNothing: {
    en: 'Nothing would be read: nothing of what is looked for is in this message',
    it: 'Non si leggerebbe nulla: ciò che si cerca non è in questo messaggio',
  },
  madeReadings: {
    en: '{with} of {tried} messages gave {readings}.',
    it: '{with} messaggi su {tried} hanno dato {readings}.',
  },
  countedReadings: {
    en: { one: '{count} reading', other: '{count} readings' },
    it: { one: '{count} lettura', other: '{count} letture' },
  },
  wouldFail: { en: 'It would fail: {reason}', it: 'Fallirebbe: {reason}' },
  ignored: { en: 'It would be ignored', it: 'Sarebbe ignorato' },
  unrecognised: { en: 'Nobody would recognise it', it: 'Nessuno lo riconoscerebbe' },
  by: { en: 'read by {parser}', it: 'letto da {parser}' },
  newGateways: { en: 'New gateways: {names}', it: 'Nuovi gateway: {names}' },
  newDevices: { en: 'New devices: {names}', it: 'Nuovi dispositivi: {names}' },
  tookMs: { en: '{ms} ms in the parser', it: '{ms} ms nel parser' },
  device: { en: 'Device', it: 'Dispositivo' },
  sensor: { en: 'Sensor', it: 'Sensore' },
  value: { en: 'Value', it: 'Valore' },
  time: shared.time,
  effect: { en: 'Effect', it: 'Effetto' },
  add: { en: 'new', it: 'nuova' },
  change: { en: 'changes {before}', it: 'cambia {before}' },
  same: { en: 'is there already', it: 'già presente' },
  whole: { en: 'the message as a whole', it: 'il messaggio intero' },
  faults: { en: 'What cannot be read', it: 'Cosa non si può leggere' },
  marked: { en: 'What is wrong is marked.', it: 'Ciò che non va è evidenziato.' },
  message: { en: 'The message', it: 'Il messaggio' },
  readings: { en: 'The readings', it: 'Le letture' },
  more: { en: 'and {count} more', it: 'e altre {count}' },
  use: { en: 'Use {path}', it: 'Usa {path}' },
});
