// The state of an alert in words, with a colour and a shape that say the same.
import { Badge } from '@fluentui/react-components';
import { stateOf, type Alert } from './shapes';
import { t } from './text';

const LOOK = { raised: ['danger', '!'], quiet: ['success', '✓'], off: ['subtle', ''] } as const;

export function AlertState({ alert }: { alert: Alert }) {
  const state = stateOf(alert);
  const [color, mark] = LOOK[state];
  return <Badge appearance="tint" color={color} icon={mark ? <span aria-hidden>{mark}</span> : undefined}>{t(state)}</Badge>;
}
