// Whether a certificate is valid, in words, with a colour and a shape that say the same.
import { Badge } from '@fluentui/react-components';
import { validity, type Certificate } from './shapes';
import { t } from './text';

const LOOK = { Valid: ['success', '✓'], soon: ['warning', '◷'], DateInvalid: ['danger', '✕'] } as const;

export function Validity({ certificate, now }: { certificate: Certificate; now: number }) {
  const said = validity(certificate, now);
  const [color, mark] = LOOK[said];
  return <Badge appearance="tint" color={color} icon={<span aria-hidden>{mark}</span>}>{t(said)}</Badge>;
}
