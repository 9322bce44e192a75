import { defineEntry, read } from '../../entry';
import { ASKED } from './data';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'person', order: 50, needs: ['Get-User'], reads: () => [read('Get-User', ASKED)] });
