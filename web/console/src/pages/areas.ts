// The areas of the menu, in its order. A page belongs to the area whose folder it is in; an area without pages is not shown.
import { defineText } from '@i18n/t';
import type { IconName } from '@kit/icons';

export interface Area { id: string; title: () => string; icon: IconName }

const t = defineText('areas', {
  recipients: 'Recipients',
  mailFlow: 'Mail flow',
  tracking: 'Tracking',
  roles: 'Roles',
  server: 'Server',
});

export const areas: Area[] = [
  { id: 'recipients', title: () => t('recipients'), icon: 'people' },
  { id: 'mail-flow', title: () => t('mailFlow'), icon: 'mail' },
  { id: 'tracking', title: () => t('tracking'), icon: 'source' },
  { id: 'roles', title: () => t('roles'), icon: 'roles' },
  { id: 'server', title: () => t('server'), icon: 'settings' },
];
