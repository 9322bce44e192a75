import { defineEntry } from '../../entry';
import { t } from './text';

export default defineEntry({ title: () => t('title'), icon: 'person', order: 30, needs: ['Get-AdminSession'], reads: ['Get-AdminSession'] });
