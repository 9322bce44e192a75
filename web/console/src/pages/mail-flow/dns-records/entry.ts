import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'domain', order: 45, needs: ['Get-DnsRecordToPublish'], reads: ['Get-DnsRecordToPublish'] });
