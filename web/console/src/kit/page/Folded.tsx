// A list that may be long: its first entries, and the rest when it is asked for.
import { useId, useState, type ReactNode } from 'react';
import { Button, makeStyles } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { SafeText } from '@kit/safe/SafeText';

const t = defineText('folded', { more: { one: 'and {n} more', other: 'and {n} more' }, fewer: 'show fewer' });

/** Entries of a long list that are shown at first. */
const SHOWN = 5;
/** Entries of a list that is shown as it is: a button in place of one entry says less than the entry. */
export const WHOLE_MAX = 6;

const useStyles = makeStyles({ button: { minWidth: 'auto', padding: '0 2px', height: 'auto', verticalAlign: 'baseline', fontWeight: 'inherit' } });

/** What of a list is shown, the id for the element that holds it, and the button that shows the rest; null where there is no rest. */
export function useFolded<T>(items: readonly T[]): { shown: readonly T[]; id: string; button: ReactNode } {
  const styles = useStyles();
  const id = useId();
  const [open, setOpen] = useState(false);
  if (items.length <= WHOLE_MAX) return { shown: items, id, button: null };
  return {
    shown: open ? items : items.slice(0, SHOWN), id,
    button: <Button size="small" appearance="transparent" className={styles.button} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>{open ? t('fewer') : t('more', { n: items.length - SHOWN })}</Button>,
  };
}

/** Texts behind one another. */
export function Folded({ items, between = ', ' }: { items: readonly string[]; between?: string }) {
  const { shown, id, button } = useFolded(items);
  return <><span id={id}><SafeText text={shown.join(between)} /></span>{button && <> {button}</>}</>;
}
