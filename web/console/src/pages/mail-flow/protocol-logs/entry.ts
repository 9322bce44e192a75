import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'log', order: 60, needs: ['Get-ProtocolLog'] });
