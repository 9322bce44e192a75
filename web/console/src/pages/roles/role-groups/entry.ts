import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'roles', order: 10, needs: ['Get-RoleGroup'], reads: ['Get-RoleGroup'] });
