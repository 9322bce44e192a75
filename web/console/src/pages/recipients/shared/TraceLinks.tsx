// From a recipient to its mail in the trace.
import { makeStyles, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { words } from './text';

const useStyles = makeStyles({
  row: { display: 'flex', columnGap: '16px', flexWrap: 'wrap', fontSize: tokens.fontSizeBase200 },
  link: { color: tokens.colorBrandForegroundLink },
});

export function TraceLinks({ address }: { address: string }) {
  const styles = useStyles();
  const whose = encodeURIComponent(address);
  return (
    <div className={styles.row}>
      <Link className={styles.link} to={`/mail-flow/message-trace/results?RecipientAddress=${whose}`}>{words('traceTo')}</Link>
      <Link className={styles.link} to={`/mail-flow/message-trace/results?SenderAddress=${whose}`}>{words('traceFrom')}</Link>
    </div>
  );
}
