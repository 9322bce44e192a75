import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'shield', order: 20, needs: ['Get-GatewayTrace'] });
