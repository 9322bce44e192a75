import { defineEntry, read } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'queue', order: 20, needs: ['Get-Queue'], reads: (address) => (address.has('only') ? [] : [read('Get-Queue')]) });
