// All addresses of a recipient: which is the primary one, which are taken away, and another.
import { use, useState } from 'react';
import { Button, Field, Input, makeStyles, Radio, Text, tokens } from '@fluentui/react-components';
import { useController, type Control, type FieldPath, type FieldValues } from 'react-hook-form';
import { ReadOnly } from '@kit/forms/fields';
import { useSettle } from '@kit/forms/typed';
import { Icon } from '@kit/icons';
import { SafeText } from '@kit/safe/SafeText';
import { addressField, proxy, withPrimary } from './fields';
import { words } from './text';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column' },
  row: { display: 'flex', alignItems: 'center', gap: '8px', minHeight: '40px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, overflowWrap: 'anywhere' },
  grow: { flexGrow: 1, minWidth: 0 },
  quiet: { color: tokens.colorNeutralForeground3 },
  add: { display: 'flex', gap: '8px', alignItems: 'center' },
});

export function AddressesField<V extends FieldValues>({ control, name }: { control: Control<V>; name: FieldPath<V> }) {
  const styles = useStyles();
  const { field, fieldState } = useController({ control, name });
  const readOnly = use(ReadOnly);
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState('');
  const entries: string[] = field.value;
  const add = (): boolean => {
    const checked = addressField().safeParse(typed);
    const twice = entries.some((entry) => proxy(entry).address.toLowerCase() === typed.trim().toLowerCase());
    if (!checked.success || twice) {
      setWrong(twice ? words('addressTwice') : words('addressWrong'));
      return false;
    }
    field.onChange([...entries, `smtp:${typed.trim()}`]);
    setTyped('');
    return true;
  };
  const box = useSettle(() => typed.trim() === '' || add());
  return (
    <>
      {!readOnly && <Text className={styles.quiet}>{words('addressesLead')}</Text>}
      <ul className={styles.list} aria-label={words('addresses')}>
        {entries.map((entry) => {
          const p = proxy(entry);
          return (
            <li key={entry.toLowerCase()} className={styles.row}>
              {p.kind === 'smtp' && !readOnly && <Radio name="primary-address" checked={p.primary} aria-label={words('makePrimary', { address: p.address })} onChange={() => field.onChange(withPrimary(entries, p.address))} />}
              <span className={styles.grow}><SafeText text={p.address} /></span>
              {p.primary ? <Text size={200} weight="semibold">{words('primary')}</Text> : p.kind !== 'smtp' && <Text size={200}>{p.kind.toUpperCase()}</Text>}
              {!p.primary && !readOnly && <Button size="small" appearance="subtle" icon={<Icon name="close" size={16} />} aria-label={words('takeAway', { address: p.address })} onClick={() => field.onChange(entries.filter((e) => e !== entry))} />}
            </li>
          );
        })}
      </ul>
      {!readOnly && (
        <Field label={words('addAddress')} validationMessage={wrong || fieldState.error?.message}>
          <div className={styles.add}>
            <Input ref={box} className={styles.grow} value={typed} aria-label={words('addAddress')} onChange={(_, data) => { setTyped(data.value); setWrong(''); }} onKeyDown={(e) => { if (e.key === 'Enter') { e.preventDefault(); add(); } }} />
            <Button onClick={add} disabledFocusable={typed.trim() === ''}>{words('add')}</Button>
          </div>
        </Field>
      )}
    </>
  );
}
