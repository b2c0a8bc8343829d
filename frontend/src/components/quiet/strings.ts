/** The words around the checklist; what is found is said by the server. */

import { catalogue } from '@/i18n';

export const texts = catalogue({
  title: { en: 'Why is it quiet?', it: 'Perché tace?' },
  what: { en: 'Why it is quiet', it: 'perché tace' },
  open: {
    en: 'Nothing on the way of its messages is broken.',
    it: 'Nulla è interrotto sul percorso dei suoi messaggi.',
  },
  all: { en: 'Every step of the way', it: 'Ogni passo del percorso' },
  wish: { en: 'The wish', it: 'La richiesta' },
  listener: { en: 'A listener', it: 'Un listener' },
  link: { en: 'The connection', it: 'La connessione' },
  subscribed: { en: 'The subscription', it: 'L’iscrizione' },
  arriving: { en: 'Messages arrive', it: 'I messaggi arrivano' },
  understood: { en: 'A parser reads them', it: 'Un parser li legge' },
  fresh: { en: 'Their stamps are fresh', it: 'Gli orari sono recenti' },
  stored: { en: 'They are stored', it: 'Vengono salvati' },
  devices: { en: 'The devices speak', it: 'I dispositivi parlano' },
  toConnections: { en: 'Add a connection', it: 'Aggiungi una connessione' },
  toSystem: { en: 'Open System', it: 'Apri Sistema' },
  toConnectionLog: { en: 'Open the connection log', it: 'Apri il registro delle connessioni' },
  toFailures: { en: 'Open the failures', it: 'Apri gli errori' },
  toDevices: { en: 'Open the devices', it: 'Apri i dispositivi' },
  toTopics: { en: 'See what arrives', it: 'Guarda cosa arriva' },
});
