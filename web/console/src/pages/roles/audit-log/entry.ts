import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'audit', order: 20, needs: ['Search-AdminAuditLog'] });
