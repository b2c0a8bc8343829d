/** One file for whoever shall help, for superusers. */

import { Button } from '@mantine/core';
import { $api } from '@/api/client';
import { Icon } from '@/components/icons';
import { t } from '@/i18n';
import { people } from './people';

export function Support() {
  const me = $api.useQuery('get', '/api/v1/me/');
  if (!me.data?.is_superuser) return null;
  return (
    <div>
      <Button
        component="a"
        href="/api/v1/system/support/"
        download
        variant="default"
        leftSection={<Icon name="download" size={16} />}
      >
        {t(people.support)}
      </Button>
      <div className="dimmed">{t(people.supportWhy)}</div>
    </div>
  );
}
