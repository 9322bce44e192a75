// Which time was searched: what was asked for, or what the server took where nothing was.
import { defineText } from '@i18n/t';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { usualHours } from './Gaps';

const t = defineText('tracking.searched', { usual: 'Only the last {n} hours.', both: 'Searched: from {from} to {to}.', from: 'Searched: from {from} until now.', to: 'Searched: from the oldest record that is kept to {to}.', all: 'Searched: everything that is kept.' });

/** `further` says how to look further back than is usual. */
export function SearchedSpan({ notes, start, end, further }: { notes: string[]; start: unknown; end: unknown; further: string }) {
  const zone = useZone();
  const hours = usualHours(notes);
  if (hours !== null) return <span><strong>{t('usual', { n: hours })}</strong> {further}</span>;
  const time = (instant: string) => `${showTime(instant, zone)} ${zoneName(zone, new Date(instant))}`;
  const [from, to] = [start, end].map((given) => (typeof given === 'string' && given !== '' ? time(given) : null));
  return <span>{from && to ? t('both', { from, to }) : from ? t('from', { from }) : to ? t('to', { to }) : t('all')}</span>;
}
