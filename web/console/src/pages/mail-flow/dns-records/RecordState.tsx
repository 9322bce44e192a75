// The state of a record in a word, a colour and a mark.
import { Badge } from '@fluentui/react-components';
import type { DnsRecord, State } from './shapes';
import { t } from './text';

const LOOKS: Record<State, { colour: 'success' | 'danger' | 'warning' | 'informative' | 'subtle'; mark: string }> = {
  Matches: { colour: 'success', mark: '✓' }, Differs: { colour: 'warning', mark: '≠' }, Missing: { colour: 'danger', mark: '✕' }, NotNeeded: { colour: 'subtle', mark: '' }, NotChecked: { colour: 'informative', mark: '?' },
};

/** What this server has no use for is said as what it does not do. */
export function stateWord({ State: state, Purpose }: DnsRecord): string {
  if (state === 'NotNeeded' && Purpose === 'SigningKey') return t('notSigned');
  if (state === 'NotNeeded' && Purpose === 'Autodiscover') return t('notServed');
  return t(state);
}

export function RecordState({ record }: { record: DnsRecord }) {
  const { colour, mark } = LOOKS[record.State];
  return <Badge appearance="tint" color={colour} icon={mark ? <span aria-hidden>{mark}</span> : undefined}>{stateWord(record)}</Badge>;
}
