/** What the server finds on the way of a site's messages, in Italian: by its code, with its values. */

import type { components } from '@/api/schema';

type Code = components['schemas']['WayOut']['code'];

const WORDS: Record<Code, [words: string, action?: string]> = {
  on: ['Il sito è richiesto acceso.'],
  no_connection: ['Il sito non ha una connessione a un broker.', 'Aggiungi una connessione.'],
  off: ['Il sito è fermo: nessuno vuole i suoi messaggi.', 'Avvialo.'],
  alive: ['Un listener è attivo e tiene la connessione.'],
  none_alive: ['Nessun listener è attivo: non si riceve nulla.', 'Avviane uno: python manage.py run_mqtt'],
  not_held: [
    'Nessun listener tiene ancora la connessione.',
    'Attendi il prossimo controllo; se resta così, avvia un altro listener: quelli attivi sono pieni.',
  ],
  open: ['Connesso a {broker} da {span}.'],
  down: ['{broker} non è raggiungibile: {error}', 'Leggi il registro delle connessioni e prova la connessione.'],
  opening: ['La connessione a {broker} si sta aprendo.', 'Attendi; se resta così, prova la connessione.'],
  granted: ['Iscritto a {filters}.'],
  nothing_granted: [
    'Il broker non ha concesso alcuna iscrizione.',
    'Attiva un topic della connessione, oppure consentila nella lista di accesso del broker.',
  ],
  arriving: ['L’ultimo messaggio è di {span} fa; se ne attende uno ogni {pace}.'],
  never: [
    'Non è mai arrivato nulla.',
    'Controlla il primo livello dei topic, la lista di accesso del broker e l’alimentazione del gateway; la ricerca forzata mostra tutto.',
  ],
  stopped: [
    'Non arriva nulla da {span}; si attende un messaggio ogni {pace}.',
    'Controlla l’alimentazione del gateway e la sua via verso il broker.',
  ],
  asleep: ['L’ultimo messaggio è di {span} fa; fuori dal suo orario il sito dorme.'],
  understood: ['{count} messaggi degli ultimi {window} sono stati compresi; {failed} no.'],
  unrecognised: [
    'Nessun parser riconosce i {count} messaggi degli ultimi {window}.',
    'Prova un parser su un topic, o mappa i campi del suo payload.',
  ],
  failing: [
    'Tutti i {count} messaggi degli ultimi {window} presi da un parser sono falliti.',
    'Apri gli errori di lettura: mostrano il punto nel payload.',
  ],
  ignored: ['Tutti i {count} messaggi degli ultimi {window} sono stati ignorati.', 'Attiva la lettura dei loro topic.'],
  fresh: ['Il valore più recente è stato misurato {span} fa.'],
  behind: [
    'I messaggi arrivano, ma il valore più recente è stato misurato {span} fa.',
    'Regola gli orologi dei dispositivi; oppure rimandano dati vecchi.',
  ],
  ahead: ['Il valore più recente porta un orario avanti di {span}.', 'Regola gli orologi dei dispositivi.'],
  stored: ['Tutto ciò che è stato ricevuto è salvato.'],
  waiting: [
    'Il messaggio più vecchio attende da {span} di essere salvato.',
    'Avvia il worker di ingest: celery -A project worker -Q ingest',
  ],
  all_speak: ['Tutti i {count} dispositivi parlano.'],
  gateway_silent: [
    'Il gateway {serial} tace: ciò che sta dietro non si sente.',
    'Controlla la sua alimentazione e la rete.',
  ],
  some_silent: [
    '{silent} dispositivi su {count} tacciono mentre gli altri parlano.',
    'Apri quelli che tacciono: ci sono le ultime parole e il motivo.',
  ],
  unjudged: ['Non valutato.'],
};

export function inItalian(code: Code, values: Record<string, string>): { words: string; action: string } {
  const [words, action = ''] = WORDS[code];
  return { words: words.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ''), action };
}
