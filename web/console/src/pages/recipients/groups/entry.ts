import { defineEntry, read } from '../../entry';
import { asked } from './asked';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'group', order: 20, needs: ['Get-DistributionGroup'], reads: (address) => [read('Get-DistributionGroup', asked(address.get('search'), address.get('kind')))] });
