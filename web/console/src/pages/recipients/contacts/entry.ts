import { defineEntry, read } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'contact', order: 40, needs: ['Get-MailContact', 'Get-MailUser'], reads: (address) => (address.has('kind') ? [] : [read('Get-MailContact', { Anr: address.get('search') ?? undefined }), read('Get-MailUser', { Anr: address.get('search') ?? undefined })]) });
