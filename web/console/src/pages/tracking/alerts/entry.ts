import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'bell', order: 40, needs: ['Get-MessageTraceAlert'], reads: ['Get-MessageTraceAlert'] });
