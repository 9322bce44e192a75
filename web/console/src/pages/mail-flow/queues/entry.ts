import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'queue', order: 20, needs: ['Get-Queue'] });
