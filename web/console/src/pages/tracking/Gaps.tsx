// Says which sources could not be asked: what is shown may then be incomplete.
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { defineText } from '@i18n/t';

const t = defineText('tracking.gaps', { title: 'Something may be missing' });

function words(gap: unknown): string {
  if (typeof gap === 'string') return gap;
  return Object.values((gap ?? {}) as Record<string, unknown>).filter((value) => typeof value === 'string' || typeof value === 'number').join(' ');
}

export function Gaps({ gaps }: { gaps: unknown[] }) {
  if (gaps.length === 0) return null;
  return <MessageBar intent="warning" layout="multiline"><MessageBarBody><MessageBarTitle>{t('title')}</MessageBarTitle>{gaps.map(words).join('; ')}</MessageBarBody></MessageBar>;
}
