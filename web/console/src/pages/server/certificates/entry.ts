import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'certificate', order: 40, needs: ['Get-ExchangeCertificate'], reads: ['Get-ExchangeCertificate'] });
