/** The words of the page about devices that a site does not know. */

import { catalogue } from '@/i18n';
import { shared } from '@/i18n/shared';

export const newcomers = catalogue({
  title: { en: 'Unknown devices', it: 'Dispositivi sconosciuti' },
  back: { en: 'All devices', it: 'Tutti i dispositivi' },
  site: shared.site,
  allSites: shared.allSites,
  what: { en: 'The unknown devices', it: 'I dispositivi sconosciuti' },
  // how they are treated
  policy: { en: 'What becomes of an unknown serial', it: 'Che cosa accade a un seriale sconosciuto' },
  pickSite: {
    en: 'Choose a site to see, and set, how it treats unknown devices.',
    it: 'Scegli un sito per vedere e impostare come tratta i dispositivi sconosciuti.',
  },
  accept: { en: 'Accept', it: 'Accetta' },
  hold: { en: 'Hold', it: 'Trattieni' },
  refuse: { en: 'Refuse', it: 'Rifiuta' },
  acceptWhy: { en: 'It is made with its first message.', it: 'È creato con il suo primo messaggio.' },
  holdWhy: {
    en: 'It waits for somebody to let it in; what it says is kept meanwhile.',
    it: 'Attende che qualcuno lo ammetta; intanto i suoi messaggi sono conservati.',
  },
  refuseWhy: { en: 'What it says is ignored.', it: 'Ciò che dice è ignorato.' },
  rules: { en: 'Rules before that, by serial', it: 'Prima valgono le regole, per seriale' },
  rulesWhy: {
    en: 'The first whose pattern matches decides; * stands for anything, ? for one character.',
    it: 'Decide la prima che corrisponde; * vale qualsiasi testo, ? un carattere.',
  },
  noRules: { en: 'No rule: the site’s own word decides.', it: 'Nessuna regola: decide il sito.' },
  pattern: { en: 'Serial pattern', it: 'Schema del seriale' },
  action: { en: 'Then', it: 'Allora' },
  actionOf: { en: 'What becomes of {pattern}', it: 'Che cosa accade a {pattern}' },
  position: { en: 'Order', it: 'Ordine' },
  add: { en: 'Add the rule', it: 'Aggiungi la regola' },
  drop: { en: 'Delete the rule {pattern}', it: 'Elimina la regola {pattern}' },
  onlyAdmins: {
    en: 'Only administrators of the site change this.',
    it: 'Solo gli amministratori del sito possono cambiarlo.',
  },
  // who waits
  list: { en: 'Held and refused', it: 'Trattenuti e rifiutati' },
  state: shared.state,
  all: shared.all,
  waiting: { en: 'Waiting', it: 'In attesa' },
  refused: { en: 'Refused', it: 'Rifiutati' },
  ruledOut: { en: 'Ignored, by the rules', it: 'Ignorati, per le regole' },
  ruledIn: { en: 'Let in with the next message, by the rules', it: 'Ammessi al prossimo messaggio, per le regole' },
  approved: { en: 'Let in, not heard since', it: 'Ammessi, non ancora sentiti' },
  none: { en: 'Nobody waits', it: 'Nessuno è in attesa' },
  noneWhy: {
    en: 'A device stands here when a site holds or refuses it.',
    it: 'Un dispositivo compare qui quando un sito lo trattiene o lo rifiuta.',
  },
  serial: { en: 'Serial', it: 'Seriale' },
  role: { en: 'Role', it: 'Ruolo' },
  messages: {
    en: { one: '{count} message', other: '{count} messages' },
    it: { one: '{count} messaggio', other: '{count} messaggi' },
  },
  first: { en: 'First', it: 'Primo' },
  last: shared.last,
  elsewhere: {
    en: 'known at another site: letting it in flags a conflict',
    it: 'noto in un altro sito: ammetterlo segnala un conflitto',
  },
  choose: { en: 'Choose {serial}', it: 'Scegli {serial}' },
  chosen: { en: '{count} chosen', it: '{count} scelti' },
  letIn: { en: 'Let in', it: 'Ammetti' },
  turnAway: { en: 'Refuse', it: 'Rifiuta' },
  forget: { en: 'Forget', it: 'Dimentica' },
  forgetOf: { en: 'Forget what was decided on {serial}', it: 'Dimentica la decisione su {serial}' },
  letInDone: {
    en: {
      one: '{count} device is let in; it appears with its next message.',
      other: '{count} devices are let in; they appear with their next messages.',
    },
    it: { one: '{count} dispositivo ammesso.', other: '{count} dispositivi ammessi.' },
  },
  keptOf: { en: 'What was kept of them at {site}', it: 'Ciò che ne è stato conservato a {site}' },
  // conflicts
  conflicts: { en: 'Serials at two sites', it: 'Seriali in due siti' },
  conflictsWhy: { en: 'They are two devices; nothing was moved.', it: 'Sono due dispositivi; nulla è stato spostato.' },
  noConflicts: { en: 'No serial came up at two sites.', it: 'Nessun seriale in due siti.' },
  atBoth: { en: '{serial} at {here}, known at {there}', it: '{serial} a {here}, noto a {there}' },
  hidden: { en: 'a site that you may not see', it: 'un sito che non puoi vedere' },
  acknowledge: { en: 'It is meant so', it: 'È voluto' },
  acknowledged: { en: 'meant so, since', it: 'voluto, da' },
});
