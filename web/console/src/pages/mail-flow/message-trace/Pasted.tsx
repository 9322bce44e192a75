// What a pasted text was understood as, and what each look-up of it found.
import { Button, makeStyles, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { SafeText } from '@kit/safe/SafeText';
import type { TraceRow } from './shapes';
import { t } from './text';

const useStyles = makeStyles({ list: { margin: 0, paddingInlineStart: '18px', overflowWrap: 'anywhere' } });
/** Notes about the page, not about the text. */
const OTHER = /^(Go on with|Searched:|No message)/;

export function Pasted({ text, notes, rows, onGo }: { text: string; notes: string[]; rows: readonly TraceRow[]; onGo: (next: object) => void }) {
  const styles = useStyles();
  if (text === '') return <MessageBar intent="warning" layout="multiline"><MessageBarBody>{t('pasteGone')}</MessageBarBody></MessageBar>;
  const [read, ...searched] = notes.filter((note) => !OTHER.test(note));
  const ids = [...new Set(rows.map((row) => row.MessageTraceId))];
  if (!read) return null;
  return (
    <MessageBar layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{t('understood')}</MessageBarTitle>
        <SafeText text={read.replace(/^Pasted: /, '')} />
        {searched.length > 0 && <ul className={styles.list}>{searched.map((note) => <li key={note}><SafeText text={note} /></li>)}</ul>}
      </MessageBarBody>
      {ids.length === 1 && <MessageBarActions><Button size="small" onClick={() => onGo({ MessageTraceId: ids[0] })}>{t('wholeMessage')}</Button></MessageBarActions>}
    </MessageBar>
  );
}
