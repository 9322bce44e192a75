// Names and values, two columns where there is room.
import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  list: { display: 'grid', gridTemplateColumns: 'minmax(120px, 34%) minmax(0, 1fr)', columnGap: '16px', rowGap: '8px', margin: 0, '@media (max-width: 480px)': { gridTemplateColumns: '1fr', rowGap: '2px' } },
  name: { color: tokens.colorNeutralForeground3, '@media (max-width: 480px)': { marginTop: '8px' } },
  value: { margin: 0, overflowWrap: 'anywhere' },
});

export type Fact = [name: string, value: ReactNode];

/** Facts without a value are left out. */
export function Facts({ facts }: { facts: Fact[] }) {
  const styles = useStyles();
  return (
    <dl className={styles.list}>
      {facts.filter(([, value]) => value !== null && value !== undefined && value !== '').map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}><dt className={styles.name}>{name}</dt><dd className={styles.value}>{value}</dd></div>
      ))}
    </dl>
  );
}
