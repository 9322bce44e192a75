// Sizes and counts as forms take them: `50 MB`, `Unlimited`.
import { z } from '@kit/forms/zod';
import { defineText } from '@i18n/t';

const t = defineText('sizes', { size: 'Give a size such as 50 MB, or Unlimited', count: 'Give a whole number, or Unlimited' });

export const sizeField = () => z.string().refine((text) => /^(unlimited|\d+(\.\d+)?\s*(B|KB|MB|GB|TB)?)$/i.test(text.trim()), t('size'));
export const countField = () => z.string().refine((text) => /^(unlimited|\d+)$/i.test(text.trim()), t('count'));
