import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'connector', order: 30, needs: ['Get-SendConnector', 'Get-ReceiveConnector'] });
