/** The words of the shell: navigation, bars, menus. */

import { catalogue } from '@/i18n';
import { shared } from '@/i18n/shared';

export const shell = catalogue({
  overview: { en: 'Overview', it: 'Panoramica' },
  devices: shared.devices,
  connections: shared.connections,
  topics: shared.topics,
  logs: shared.logs,
  parsers: { en: 'Parsers', it: 'Parser' },
  notices: { en: 'Notices', it: 'Avvisi' },
  system: { en: 'System', it: 'Sistema' },
  settings: shared.settings,
  find: { en: 'Find', it: 'Trova' },
  shortcuts: shared.keyboardShortcuts,
  more: { en: 'More', it: 'Altro' },
  admin: { en: 'Admin', it: 'Amministrazione' },
  apiDocs: { en: 'API', it: 'API' },
  navigation: { en: 'Main navigation', it: 'Navigazione principale' },
  skip: { en: 'Skip to the content', it: 'Vai al contenuto' },
  signOut: { en: 'Sign out', it: 'Esci' },
  noRole: { en: 'none yet', it: 'ancora nessuno' },
  account: { en: 'Account', it: 'Account' },
  theme: { en: 'Theme', it: 'Tema' },
  light: { en: 'Light', it: 'Chiaro' },
  dark: { en: 'Dark', it: 'Scuro' },
  auto: { en: 'As the device', it: 'Come il dispositivo' },
  reconnecting: {
    en: 'Reconnecting. Values as of {time}. The server does not answer: check the network, and that the web process runs.',
    it: 'Riconnessione in corso. Valori delle {time}. Il server non risponde: verificare la rete e il processo web.',
  },
  connectingFirst: {
    en: 'No live connection yet. Values are as of when the page was read.',
    it: 'Connessione in diretta non ancora attiva. I valori sono di quando la pagina è stata letta.',
  },
  newVersion: {
    en: 'There is a new version of these pages.',
    it: 'È disponibile una nuova versione di queste pagine.',
  },
  reload: { en: 'Reload', it: 'Ricarica' },
  liveNow: { en: 'Live', it: 'In diretta' },
  notLive: { en: 'Not live', it: 'Non in diretta' },
  newTopics: {
    en: { one: '{count} new topic', other: '{count} new topics' },
    it: { one: '{count} nuovo topic', other: '{count} nuovi topic' },
  },
});

export const interruptions = catalogue({
  database: {
    en: 'The database has not answered since {time}. Nothing below is live: values are as of then. Start PostgreSQL; this page goes on by itself.',
    it: 'Il database non risponde dalle {time}. Nulla qui sotto è in diretta: i valori sono di allora. Avviare PostgreSQL; la pagina riprende da sola.',
  },
  redis: {
    en: 'Redis has not answered since {time}. Nothing below is live: values are as of then. Start Redis; this page goes on by itself.',
    it: 'Redis non risponde dalle {time}. Nulla qui sotto è in diretta: i valori sono di allora. Avviare Redis; la pagina riprende da sola.',
  },
  listener: {
    en: 'The MQTT listener has not reported for {span}. Nothing below is live. Start it with “{command}”.',
    it: 'Il listener MQTT non risponde da {span}. Nulla qui sotto è in diretta. Si avvia con «{command}».',
  },
});
