// Which sources an answer comes from: of many those first of which something may be missing, then those furthest behind.
import type { Source } from '@api/client';
import { defineText } from '@i18n/t';
import { Folded, WHOLE_MAX } from '@kit/page/Folded';
import { spoken } from '@kit/time/stops';

const t = defineText('tracking.asked', { asked: 'Asked:', lag: '{name} is {lag} behind' });

/** Few as the server gave them; of many those that matter most first. */
export function listed(sources: readonly Source[], gaps: readonly unknown[]): readonly Source[] {
  if (sources.length <= WHOLE_MAX) return sources;
  const missing = new Set((gaps as { Source?: string }[]).map((gap) => gap.Source));
  const hasGap = (one: Source) => (missing.has(one.Name) || (one.Place !== undefined && missing.has(one.Place)) ? 1 : 0);
  return [...sources].sort((a, b) => hasGap(b) - hasGap(a) || (b.LagSeconds ?? -1) - (a.LagSeconds ?? -1));
}

export function Asked({ sources, gaps }: { sources: readonly Source[]; gaps: readonly unknown[] }) {
  if (sources.length === 0) return null;
  return <span>{t('asked')} <Folded items={listed(sources, gaps).map((one) => (one.LagSeconds ? t('lag', { name: one.Name, lag: spoken(one.LagSeconds * 1000) }) : one.Name))} /></span>;
}
