// One scope of limits: its name, whom it is for, its values, and the way to change them.
import { useId, type ReactNode } from 'react';
import { Button, Link as FluentLink, makeStyles, Text, tokens } from '@fluentui/react-components';
import { Icon } from '@kit/icons';
import { SafeText } from '@kit/safe/SafeText';
import { t } from './text';

const useStyles = makeStyles({
  scope: { display: 'flex', flexDirection: 'column', gap: '10px', minWidth: 0, padding: '16px 18px', border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge, backgroundColor: tokens.colorNeutralBackground1 },
  head: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: '8px', minHeight: '32px' },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: tokens.fontWeightSemibold },
  lead: { color: tokens.colorNeutralForeground3, minHeight: '2.6em' },
  values: { margin: 0, display: 'flex', flexDirection: 'column' },
  value: { display: 'flex', justifyContent: 'space-between', gap: '12px', padding: '7px 0', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, ':last-child': { borderBottom: 'none' } },
  name: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere', minWidth: 0 },
  number: { margin: 0, fontVariantNumeric: 'tabular-nums', fontWeight: tokens.fontWeightSemibold, textAlign: 'end', flexShrink: 0, maxWidth: '60%' },
  list: { listStyleType: 'none', margin: 0, padding: 0, maxHeight: '320px', overflowY: 'auto' },
  item: { display: 'flex', justifyContent: 'space-between', alignItems: 'baseline', gap: '12px', padding: '7px 2px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, ':last-child': { borderBottom: 'none' } },
  link: { textAlign: 'start', overflowWrap: 'anywhere', minWidth: 0 },
  note: { color: tokens.colorNeutralForeground3, fontVariantNumeric: 'tabular-nums', textAlign: 'end', flexShrink: 0, maxWidth: '60%' },
});

export function Scope({ title, lead, onEdit, children }: { title: string; lead: string; onEdit?: () => void; children: ReactNode }) {
  const styles = useStyles();
  const id = useId();
  return (
    <section className={styles.scope} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>{title}</h2>
        {onEdit && <Button size="small" icon={<Icon name="edit" size={16} />} aria-label={t('editOf', { what: title })} onClick={onEdit}>{t('edit')}</Button>}
      </div>
      <Text size={200} className={styles.lead}>{lead}</Text>
      {children}
    </section>
  );
}

export function Values({ values }: { values: [name: string, value: string | number | undefined][] }) {
  const styles = useStyles();
  return <dl className={styles.values}>{values.map(([name, value]) => <div key={name} className={styles.value}><dt className={styles.name}>{name}</dt><dd className={styles.number}>{value ?? ''}</dd></div>)}</dl>;
}

export interface Item { id: string; name: string; note: string; open: () => void }
/** A list that is longer than its room is scrolled; Tab goes through its entries. */
export function Items({ label, items, empty }: { label: string; items: Item[]; empty: string }) {
  const styles = useStyles();
  if (items.length === 0) return <Text>{empty}</Text>;
  return (
    <ul className={styles.list} aria-label={label}>
      {items.map((item) => (
        <li key={item.id} className={styles.item}>
          <FluentLink as="button" className={styles.link} onClick={item.open}><SafeText text={item.name} /></FluentLink>
          <Text size={200} className={styles.note}>{item.note}</Text>
        </li>
      ))}
    </ul>
  );
}
