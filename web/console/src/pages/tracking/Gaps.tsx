// Says which sources could not be asked or are behind: what is shown may then be incomplete.
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { Folded } from '@kit/page/Folded';
import { useZone } from '@kit/shell/settings';
import { localTimes, showTime, zoneName } from '@kit/time/zone';

const t = defineText('tracking.gaps', { title: 'Something may be missing', since: '{cause}, since {from}', span: '{cause}, {from} to {to}', until: '{cause}, until {to}', count: { one: '{what} ({n} record)', other: '{what} ({n} records)' } });

interface Gap { Source?: string; Start?: string | null; End?: string | null; Count?: number | null; Cause?: string }

/** How many hours the server chose to search, where no time was given; null where it said nothing of it. */
export const usualHours = (notes: string[]): number | null => notes.map((note) => Number(/\blast (\d+) hours\b/.exec(note)?.[1] ?? NaN)).find((n) => !Number.isNaN(n)) ?? null;

/** Warnings that do not say what the gaps say already. */
export const otherWarnings = (warnings: string[]): string[] => warnings.filter((warning) => !/^\w+ may be missing/.test(warning));

export function Gaps({ gaps }: { gaps: unknown[] }) {
  const zone = useZone();
  if (gaps.length === 0) return null;
  const time = (instant: string) => `${showTime(instant, zone)} ${zoneName(zone, new Date(instant))}`;
  const words = (gap: Gap) => {
    // A sentence of the server may hold times of its own.
    const cause = localTimes(gap.Cause, zone) ?? gap.Source ?? '';
    const from = gap.Start ? time(gap.Start) : '';
    const to = gap.End ? time(gap.End) : '';
    const what = from && to ? t('span', { cause, from, to }) : from ? t('since', { cause, from }) : to ? t('until', { cause, to }) : cause;
    return gap.Count ? t('count', { what, n: gap.Count }) : what;
  };
  return <MessageBar intent="warning" layout="multiline"><MessageBarBody><MessageBarTitle>{t('title')}</MessageBarTitle><Folded items={[...new Set((gaps as Gap[]).map(words))]} between="; " /></MessageBarBody></MessageBar>;
}
