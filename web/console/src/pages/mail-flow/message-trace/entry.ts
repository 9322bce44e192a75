import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'trace', order: 10, needs: ['Get-MessageTrace', 'Get-MessageTraceDetail'] });
