/** The fifth place in the bar of a phone: the other pages, and what belongs to the person. */

import { Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Icon } from '@/components/icons';
import { t } from '@/i18n';
import { AccountItems } from './AccountMenu';
import { MoreButton } from './buttons';
import { show } from './keyboard/overlay';
import { IN_BAR, PLACES } from './navigation';
import { shell } from './strings';

export default function MoreMenu() {
  return (
    <Menu position="top-end" width={224} withinPortal>
      <Menu.Target>
        <MoreButton />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="search" size={16} />} onClick={() => show('palette')}>
          {t(shell.find)}
        </Menu.Item>
        {PLACES.slice(IN_BAR).map((place) => (
          <Menu.Item key={place.to} component={Link} to={place.to} leftSection={<Icon name={place.icon} size={16} />}>
            {t(place.text)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <AccountItems />
      </Menu.Dropdown>
    </Menu>
  );
}
