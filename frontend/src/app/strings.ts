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
  reconnecting: { en: 'Reconnecting. Values as of {time}.', it: 'Riconnessione in corso. Valori delle {time}.' },
  connectingFirst: {
    en: 'No live connection yet. Values are as of when the page was read.',
    it: 'Connessione in diretta non ancora attiva.',
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
  listenerSilent: {
    en: 'The MQTT listener has not reported for {span}. Nothing below is live. Start it with “manage.py run_mqtt”.',
    it: 'Il listener MQTT non risponde da {span}. Nulla qui sotto è in diretta. Si avvia con «manage.py run_mqtt».',
  },
});
