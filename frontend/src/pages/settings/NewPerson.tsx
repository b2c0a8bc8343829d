/** Makes an account, and shows the link by which its owner chooses a password. */

import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { Dialog } from '@/components/Dialog';
import { t } from '@/i18n';
import { common } from '@/i18n/common';
import { MakingForm, ShownOnce } from './Making';
import { people } from './people';

export function NewPerson({ onClose }: { onClose: () => void }) {
  const [username, setUsername] = useState('');
  const [name, setName] = useState('');
  const [link, setLink] = useState<string | null>(null);
  async function make(): Promise<void> {
    const { data } = await api.POST('/api/v1/people/', { body: { username, name } });
    if (data) setLink(data.link);
  }
  if (link !== null)
    return (
      <Dialog
        onClose={onClose}
        title={t(people.madeTitle, { username })}
        closeOnClickOutside={false}
        closeOnEscape={false}
      >
        <ShownOnce
          secret={link}
          why={t(people.linkWhy)}
          copy={t(people.copyLink)}
          done={t(common.close)}
          onClose={onClose}
        />
      </Dialog>
    );
  return (
    <Dialog onClose={onClose} title={t(people.newPerson)}>
      <MakingForm make={make} verb={t(people.make)} shown={['username', 'name', 'first_name']} onClose={onClose}>
        {(refused) => (
          <>
            <TextInput
              label={t(people.username)}
              description={t(people.usernameHelp)}
              value={username}
              onChange={(event) => setUsername(event.currentTarget.value)}
              error={refused.username}
              autoCapitalize="none"
              maxLength={150}
              required
              data-autofocus
            />
            <TextInput
              label={t(people.called)}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={refused.name ?? refused.first_name}
              maxLength={150}
            />
          </>
        )}
      </MakingForm>
    </Dialog>
  );
}
