import { defineEntry, read } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'connector', order: 30, needs: ['Get-SendConnector', 'Get-ReceiveConnector'], reads: (address) => [read(address.get('kind') === 'receive' ? 'Get-ReceiveConnector' : 'Get-SendConnector')] });
