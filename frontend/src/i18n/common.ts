/** Texts that many rooms share. */

import { catalogue } from '.';

export const words = catalogue({
  live: { en: 'Live', it: 'In diretta' },
  late: { en: 'Late', it: 'In ritardo' },
  quiet: { en: 'Quiet', it: 'Silenzioso' },
  asleep: { en: 'Asleep', it: 'A riposo' },
  down: { en: 'Link down', it: 'Collegamento interrotto' },
  paused: { en: 'Paused', it: 'In pausa' },
  waiting: { en: 'Waiting', it: 'In attesa' },
  applying: { en: 'Applying', it: 'In corso' },
  online: { en: 'Online', it: 'In linea' },
  offline: { en: 'Offline', it: 'Non in linea' },
  unknown: { en: 'Unknown', it: 'Sconosciuto' },
  connected: { en: 'Connected', it: 'Connesso' },
  connecting: { en: 'Connecting', it: 'Connessione in corso' },
  disconnected: { en: 'Not connected', it: 'Non connesso' },
  error: { en: 'Error', it: 'Errore' },
});

export const reasons = catalogue({
  silent: { en: 'fell silent', it: 'non trasmette più' },
  declared: { en: 'said so itself', it: 'lo ha dichiarato' },
  gateway: { en: 'its gateway is offline', it: 'il suo gateway non è in linea' },
});

export const common = catalogue({
  was: { en: 'Was {word}', it: 'Era {word}' },
  ago: { en: '{span} ago', it: '{span} fa' },
  inFuture: { en: 'in {span}', it: 'tra {span}' },
  now: { en: 'now', it: 'adesso' },
  never: { en: 'never', it: 'mai' },
  retry: { en: 'Try again', it: 'Riprova' },
  copyDetails: { en: 'Copy details', it: 'Copia i dettagli' },
  copied: { en: 'Copied', it: 'Copiato' },
  copy: { en: 'Copy', it: 'Copia' },
  loading: { en: 'Loading', it: 'Caricamento' },
  cannotLoad: { en: '{what} could not be loaded.', it: 'Impossibile caricare: {what}.' },
  stillShown: { en: 'What is shown is from {time}.', it: 'I dati mostrati sono delle {time}.' },
  noPermission: { en: 'Not here, or not for you', it: 'Non esiste, o non è per te' },
  noPermissionWhy: {
    en: 'There is nothing at this address, or your role does not let you see it. Whoever administers the site can change that.',
    it: 'A questo indirizzo non c’è nulla, oppure il tuo ruolo non permette di vederlo. Può cambiarlo chi amministra il sito.',
  },
  toOverview: { en: 'To the overview', it: 'Alla panoramica' },
  broken: { en: 'This page has failed', it: 'Questa pagina non funziona' },
  brokenWhy: {
    en: 'Something here did not work as it should. The rest of the application does.',
    it: 'Qualcosa qui non ha funzionato. Il resto dell’applicazione funziona.',
  },
  needsRole: { en: 'Needs the role {role} at this site.', it: 'Serve il ruolo {role} in questo sito.' },
  appliesIn: { en: 'applies in {seconds} s', it: 'si applica tra {seconds} s' },
  applyingNow: { en: 'applying…', it: 'in applicazione…' },
  waitingForListener: { en: 'Waiting for the listener', it: 'In attesa del listener' },
  listenerSilent: { en: 'The listener is not running', it: 'Il listener non è in esecuzione' },
  sortBy: { en: 'Sort by {column}', it: 'Ordina per {column}' },
  search: { en: 'Search', it: 'Cerca' },
  clear: { en: 'Clear filters', it: 'Azzera i filtri' },
  typeName: { en: 'Type the name of the site', it: 'Scrivi il nome del sito' },
  cancel: { en: 'Cancel', it: 'Annulla' },
  close: { en: 'Close', it: 'Chiudi' },
});
