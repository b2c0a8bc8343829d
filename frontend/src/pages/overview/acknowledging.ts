/** The words of an acknowledgement. */

import { catalogue } from '@/i18n';
import { shared } from '@/i18n/shared';

export const texts = catalogue({
  title: { en: 'You know of {name}', it: 'Sei al corrente di {name}' },
  many: {
    en: { one: 'You know of {count} device', other: 'You know of {count} devices' },
    it: { one: 'Sei al corrente di {count} dispositivo', other: 'Sei al corrente di {count} dispositivi' },
  },
  about: {
    en: 'It leaves the list for everybody, with your name and note, until it is heard again. Nothing else changes.',
    it: 'Esce dall’elenco per tutti, con il tuo nome e la nota, finché non torna a trasmettere. Null’altro cambia.',
  },
  note: { en: 'What is known, or is being done', it: 'Che cosa si sa, o si sta facendo' },
  example: { en: 'Battery is being changed on Thursday', it: 'La batteria sarà sostituita giovedì' },
  save: shared.iKnowOfIt,
  takeBack: { en: 'It needs attention again', it: 'Richiede di nuovo attenzione' },
  said: { en: '{name} is acknowledged', it: '{name}: preso in carico' },
  passedOver: {
    en: { one: '{count} is not offline and was passed over.', other: '{count} are not offline and were passed over.' },
    it: { one: '{count} è in linea ed è stato saltato.', other: '{count} sono in linea e sono stati saltati.' },
  },
});
