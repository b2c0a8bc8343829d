/** The words of a site's page. */

import { catalogue } from '@/i18n';

export const fields = catalogue({
  name: { en: 'Name', it: 'Nome' },
  slug: { en: 'Short name', it: 'Nome breve' },
  slugAbout: {
    en: 'The first level of its MQTT topics.',
    it: 'Il primo livello dei suoi topic MQTT.',
  },
  type: { en: 'Type', it: 'Tipo' },
  zone: { en: 'Time zone', it: 'Fuso orario' },
  location: { en: 'Place', it: 'Luogo' },
});
