// What a field holds, as text: for somebody who may only look.
import type { ReactNode } from 'react';
import { makeStyles, tokens } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { SafeText } from '@kit/safe/SafeText';

const t = defineText('told', { none: 'None', yes: 'Yes', no: 'No' });

const useStyles = makeStyles({
  pair: { margin: 0 },
  name: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0, overflowWrap: 'anywhere', whiteSpace: 'pre-line' },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '2px' },
});

/** `value`: a word, several, or whether it is so. */
export function Told({ label, value }: { label: string; value: string | boolean | string[] | null | undefined }) {
  const styles = useStyles();
  let said: ReactNode = typeof value === 'boolean' ? t(value ? 'yes' : 'no') : t('none');
  if (typeof value === 'string' && value !== '') said = <SafeText text={value} />;
  if (Array.isArray(value) && value.length > 0) said = <ul className={styles.list}>{value.map((one) => <li key={one}><SafeText text={one} /></li>)}</ul>;
  return <dl className={styles.pair}><dt className={styles.name}>{label}</dt><dd className={styles.value}>{said}</dd></dl>;
}
