// An address of ours: what stands before the @, and one of the accepted domains.
import { use } from 'react';
import { Field, Input, makeStyles, Select, Text } from '@fluentui/react-components';
import { useController, type Control, type FieldPath, type FieldValues } from 'react-hook-form';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { ReadOnly } from '@kit/forms/fields';
import { Told } from '@kit/forms/Told';
import { visible } from '@kit/safe/visible';
import type { AcceptedDomain } from './shapes';
import { words } from './text';

const useStyles = makeStyles({
  row: { display: 'flex', alignItems: 'center', gap: '6px' },
  local: { flexGrow: 1, flexBasis: '40%', minWidth: 0 },
  domain: { flexGrow: 1, flexBasis: '50%', minWidth: 0 },
});

export function AddressField<V extends FieldValues>({ control, name, label }: { control: Control<V>; name: FieldPath<V>; label: string }) {
  const styles = useStyles();
  const can = useCan();
  const readOnly = use(ReadOnly);
  const { field: { ref, value: held, onChange, onBlur }, fieldState } = useController({ control, name });
  const found = useCmdlet<'Get-AcceptedDomain', AcceptedDomain>('Get-AcceptedDomain', {}, { enabled: can('Get-AcceptedDomain') });
  const ours = (found.data?.rows ?? []).filter((domain) => domain.DomainType !== 'ExternalRelay').sort((a, b) => Number(b.Default) - Number(a.Default));
  const value = String(held ?? '');
  const at = value.lastIndexOf('@');
  const local = at < 0 ? value : value.slice(0, at);
  const domain = at < 0 ? (ours[0]?.DomainName ?? '') : value.slice(at + 1);
  const set = (before: string, after: string) => onChange(before.includes('@') || after === '' ? before : before === '' ? '' : `${before}@${after}`);
  if (readOnly) return <Told label={label} value={value} />;
  return (
    <Field label={label} required validationMessage={fieldState.error?.message}>
      {ours.length === 0 ? <Input ref={ref} value={value} onBlur={onBlur} onChange={(_, data) => onChange(data.value)} type="email" /> : (
        <div className={styles.row}>
          <Input className={styles.local} ref={ref} value={local} aria-label={`${label}: ${words('localPart')}`} onBlur={onBlur} onChange={(_, data) => set(data.value, domain)} autoComplete="off" />
          <Text aria-hidden>@</Text>
          <Select className={styles.domain} value={domain} aria-label={`${label}: ${words('domain')}`} onChange={(_, data) => set(local, data.value)}>
            {[...new Set([...ours.map((d) => d.DomainName), domain])].filter(Boolean).map((d) => <option key={d} value={d}>{visible(d)}</option>)}
          </Select>
        </div>
      )}
    </Field>
  );
}
