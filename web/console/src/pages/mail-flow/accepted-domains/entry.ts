import { defineEntry, read } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'domain', order: 40, needs: ['Get-AcceptedDomain'], reads: (address) => (address.get('kind') === 'remote' ? [] : [read('Get-AcceptedDomain')]) });
