import { defineEntry } from '../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'home', order: 0, needs: ['Get-MailFlowStatus'], reads: ['Get-MailFlowStatus'] });
