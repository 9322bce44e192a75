import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'source', order: 30, needs: ['Get-TraceSource'], reads: ['Get-TraceSource'] });
