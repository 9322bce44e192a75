import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'contact', order: 40, needs: ['Get-MailContact', 'Get-MailUser'] });
