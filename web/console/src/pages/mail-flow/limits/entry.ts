import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'limits', order: 50, needs: ['Get-TransportConfig', 'Get-TransportService'], reads: ['Get-TransportConfig', 'Get-TransportService'] });
