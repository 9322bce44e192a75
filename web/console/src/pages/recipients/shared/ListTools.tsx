// What stands above a list of recipients: search at the server, and the kind.
import { useEffect, useState } from 'react';
import { makeStyles, SearchBox, Select } from '@fluentui/react-components';
import { words } from './text';

const useStyles = makeStyles({
  row: { display: 'flex', gap: '8px', flexWrap: 'wrap', alignItems: 'center' },
  search: { width: '320px', maxWidth: '100%', flexGrow: 0, flexShrink: 1 },
});
/** So long after the last key the server is asked. */
const TYPING_MS = 150;

interface Props { search: string; onSearch: (text: string) => void; kind: string; onKind: (kind: string) => void; kinds: { value: string; label: string }[] }

export function ListTools({ search, onSearch, kind, onKind, kinds }: Props) {
  const styles = useStyles();
  const [typed, setTyped] = useState(search);
  useEffect(() => {
    if (typed === search) return undefined;
    const timer = setTimeout(() => onSearch(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, search, onSearch]);
  return (
    <div className={styles.row} role="search">
      <SearchBox className={styles.search} value={typed} onChange={(_, data) => setTyped(data.value)} placeholder={words('search')} aria-label={words('search')} />
      <Select value={kind} onChange={(_, data) => onKind(data.value)} aria-label={words('kinds')}>
        {kinds.map((k) => <option key={k.value} value={k.value}>{k.label}</option>)}
      </Select>
    </div>
  );
}
