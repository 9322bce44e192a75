import { defineEntry, read } from '../../entry';
import { asked } from './data';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'person', order: 10, needs: ['Get-Mailbox'], reads: (address) => [read('Get-Mailbox', asked(address.get('search'), address.get('kind')))] });
