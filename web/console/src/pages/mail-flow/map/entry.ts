import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'map', order: 70, needs: ['Get-MailFlowMap'] });
