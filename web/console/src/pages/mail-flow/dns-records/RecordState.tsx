// The state of a record in a word, a colour and a mark.
import { Badge } from '@fluentui/react-components';
import type { State } from './shapes';
import { t } from './text';

const LOOKS: Record<State, { colour: 'success' | 'danger' | 'warning' | 'informative' | 'subtle'; mark: string }> = {
  Matches: { colour: 'success', mark: '✓' }, Differs: { colour: 'warning', mark: '≠' }, Missing: { colour: 'danger', mark: '✕' }, NotNeeded: { colour: 'subtle', mark: '' }, NotChecked: { colour: 'informative', mark: '?' },
};

export function RecordState({ state }: { state: State }) {
  const { colour, mark } = LOOKS[state];
  return <Badge appearance="tint" color={colour} icon={mark ? <span aria-hidden>{mark}</span> : undefined}>{t(state)}</Badge>;
}
