/** What belongs to the person: theme, other doors, the way out. */

import { Menu } from '@mantine/core';
import { Icon, type IconName } from '@/components/icons';
import { t } from '@/i18n';
import { AccountButton } from './buttons';
import { show } from './keyboard/overlay';
import { useTheme } from './preferences';
import { signOut } from './session';
import { start, type Theme } from './start';
import { shell } from './strings';

const THEMES: { theme: Theme; icon: IconName; text: typeof shell.light | typeof shell.dark | typeof shell.auto }[] = [
  { theme: 'light', icon: 'sun', text: shell.light },
  { theme: 'dark', icon: 'moon', text: shell.dark },
  { theme: 'auto', icon: 'screen', text: shell.auto },
];

export function AccountItems() {
  const [theme, setTheme] = useTheme();
  return (
    <>
      <Menu.Label>{t(shell.theme)}</Menu.Label>
      <Menu.RadioGroup value={theme} onChange={(next) => setTheme(next as Theme)}>
        {THEMES.map((choice) => (
          <Menu.RadioItem key={choice.theme} value={choice.theme} rightSection={<Icon name={choice.icon} size={16} />}>
            {t(choice.text)}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Divider />
      {start.is_staff && (
        <Menu.Item component="a" href="/admin/" leftSection={<Icon name="admin" size={16} />}>
          {t(shell.admin)}
        </Menu.Item>
      )}
      <Menu.Item leftSection={<Icon name="rows" size={16} />} onClick={() => show('sheet')}>
        {t(shell.shortcuts)}
      </Menu.Item>
      <Menu.Item component="a" href="/api/v1/docs" leftSection={<Icon name="help" size={16} />}>
        {t(shell.apiDocs)}
      </Menu.Item>
      <Menu.Item leftSection={<Icon name="exit" size={16} />} onClick={signOut}>
        {t(shell.signOut)}
      </Menu.Item>
    </>
  );
}

export default function AccountMenu() {
  return (
    <Menu position="top-start" width={208} withinPortal>
      <Menu.Target>
        <AccountButton />
      </Menu.Target>
      <Menu.Dropdown>
        <AccountItems />
      </Menu.Dropdown>
    </Menu>
  );
}
