import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'group', order: 20, needs: ['Get-DistributionGroup'] });
