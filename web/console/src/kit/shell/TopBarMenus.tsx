// The right end of the top bar: the zone of all times, the colours and the language, and who is signed in.
import {
  Button, Menu, MenuDivider, MenuGroup, MenuGroupHeader, MenuItem, MenuItemRadio, MenuList, MenuPopover, MenuTrigger, Persona,
} from '@fluentui/react-components';
import { useSession } from '@api/session';
import { currentLocale, defineText, rememberLocale, TEST_LOCALE } from '@i18n/t';
import { Icon } from '@kit/icons';
import { late } from '@kit/page/late';
import { browserZone, UTC, zoneName } from '@kit/time/zone';
import { useMedia, useSettings, type Colours } from './settings';
import { memo, Suspense, useState } from 'react';

const ZoneDialog = late(() => import('./ZoneDialog'));

const t = defineText('top-bar', {
  zone: 'Time zone', zoneIs: 'Times are shown in {zone}', here: 'This browser', other: 'Another zone …', look: 'Colours and language', colours: 'Colours', system: 'As the system says',
  light: 'Light', dark: 'Dark', contrast: 'High contrast', language: 'Language', account: 'Account', signOut: 'Sign out', version: 'Version {version}', signedIn: 'Signed in',
});

const locales: [id: string, name: string][] = [['en', 'English'], [TEST_LOCALE, 'Right-to-left test']];

export const TopBarMenus = memo(function TopBarMenus({ buttonClass }: { buttonClass: string }) {
  const { zone, setZone, colours, setColours } = useSettings();
  const [choosing, setChoosing] = useState(false);
  const session = useSession();
  const narrow = useMedia('(max-width: 640px)');
  const setLanguage = (id: string) => {
    rememberLocale(id);
    location.reload();
  };
  return (
    <>
      <Menu checkedValues={{ zone: [zone] }} onCheckedValueChange={(_, data) => data.checkedItems[0] && setZone(data.checkedItems[0])}>
        <MenuTrigger disableButtonEnhancement>
          <Button appearance="transparent" className={buttonClass} icon={<Icon name="clock" />} aria-label={t('zoneIs', { zone: zoneName(zone) })}>{narrow ? undefined : zoneName(zone)}</Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuGroup>
              <MenuGroupHeader>{t('zone')}</MenuGroupHeader>
              <Zones />
              <MenuItem onClick={() => setChoosing(true)}>{t('other')}</MenuItem>
            </MenuGroup>
          </MenuList>
        </MenuPopover>
      </Menu>
      <Menu
        checkedValues={{ colours: [colours], language: [currentLocale()] }}
        onCheckedValueChange={(_, data) => (data.name === 'colours' ? setColours(data.checkedItems[0] as Colours) : setLanguage(data.checkedItems[0] ?? 'en'))}
      >
        <MenuTrigger disableButtonEnhancement><Button appearance="transparent" className={buttonClass} icon={<Icon name="sun" />} aria-label={t('look')} /></MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuGroup>
              <MenuGroupHeader>{t('colours')}</MenuGroupHeader>
              {(['system', 'light', 'dark', 'contrast'] as const).map((id) => <MenuItemRadio key={id} name="colours" value={id}>{t(id)}</MenuItemRadio>)}
            </MenuGroup>
            <MenuDivider />
            <MenuGroup>
              <MenuGroupHeader>{t('language')}</MenuGroupHeader>
              {locales.map(([id, name]) => <MenuItemRadio key={id} name="language" value={id}>{name}</MenuItemRadio>)}
            </MenuGroup>
          </MenuList>
        </MenuPopover>
      </Menu>
      <Menu>
        <MenuTrigger disableButtonEnhancement><Button appearance="transparent" className={buttonClass} icon={<Icon name="person" />} aria-label={`${t('account')}${session.name ? `: ${session.name}` : ''}`} /></MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuGroup>
              <MenuGroupHeader><Persona name={session.name || t('signedIn')} secondaryText={session.roleGroups.join(', ')} textAlignment="center" /></MenuGroupHeader>
              <MenuGroupHeader>{t('version', { version: session.version })}</MenuGroupHeader>
              <MenuItem icon={<Icon name="right" />} onClick={signOut}>{t('signOut')}</MenuItem>
            </MenuGroup>
          </MenuList>
        </MenuPopover>
      </Menu>
      <Suspense fallback={null}>{choosing && <ZoneDialog onClose={() => setChoosing(false)} />}</Suspense>
    </>
  );
});

/** A part of its own: names of zones are worked out when the menu is opened, not while the page is drawn. */
function Zones() {
  const { zone } = useSettings();
  const quick = [...new Set([UTC, useSession().zone, browserZone(), zone])];
  return quick.map((id) => <MenuItemRadio key={id} name="zone" value={id} secondaryContent={id === browserZone() ? t('here') : undefined}>{zoneName(id)}</MenuItemRadio>);
}

// A form that is sent, not a link: nothing that only reads may end a session.
function signOut() {
  void fetch('/sign-out', { method: 'POST', headers: { 'X-Requested-With': 'postroom-console' } }).finally(() => location.assign('/sign-in'));
}
