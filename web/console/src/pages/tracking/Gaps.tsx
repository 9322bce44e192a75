// Says which sources could not be asked or are behind: what is shown may then be incomplete.
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';

const t = defineText('tracking.gaps', { title: 'Something may be missing', since: '{cause}, since {time}' });

interface Gap { Source?: string; Start?: string | null; Cause?: string }

/** Warnings that do not say what the gaps say already. */
export const otherWarnings = (warnings: string[]): string[] => warnings.filter((warning) => !/^\w+ may be missing/.test(warning));

export function Gaps({ gaps }: { gaps: unknown[] }) {
  const zone = useZone();
  if (gaps.length === 0) return null;
  const words = (gap: Gap) => {
    const cause = gap.Cause ?? gap.Source ?? '';
    return gap.Start ? t('since', { cause, time: `${showTime(gap.Start, zone)} ${zoneName(zone)}` }) : cause;
  };
  return <MessageBar intent="warning" layout="multiline"><MessageBarBody><MessageBarTitle>{t('title')}</MessageBarTitle>{(gaps as Gap[]).map(words).join('; ')}</MessageBarBody></MessageBar>;
}
