// What a row says when it is unfolded: the message, what was decided about it and by what, and where it went.
import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useCan } from '@api/session';
import { Facts, type Fact } from '@kit/drawer/Facts';
import { Icon } from '@kit/icons';
import { Status } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { tracePath } from '../tracePath';
import { text, type GatewayField, type GatewayRow } from './shapes';
import { t } from './text';

const PARTS: [title: 'message' | 'decision' | 'onward', fields: GatewayField[]][] = [
  ['decision', ['Final_Action', 'Final_Rule', 'Module_ID', 'Rule_ID', 'Disposition_Action', 'Quarantine_Folder', 'Quarantine_Rule', 'Spam_Score', 'Virus_Names', 'Policy_Routes']],
  ['message', ['Sender', 'Recipients', 'Sender_Host', 'Sender_IP_Address', 'Message_ID', 'Message_Size', 'QID', 'SID', 'GUID', 'TLS']],
  ['onward', ['Sendmail_To_Stat', 'Duration', 'Place']],
];

const useStyles = makeStyles({
  parts: { display: 'grid', gap: '20px 32px', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 320px), 1fr))' },
  title: { display: 'block', marginBottom: '8px' },
  foot: { display: 'flex', gap: '12px', alignItems: 'center', flexWrap: 'wrap', marginTop: '14px', color: tokens.colorNeutralForeground3 },
});

export function Unfold({ row }: { row: GatewayRow }) {
  const styles = useStyles();
  const can = useCan();
  const navigate = useNavigate();
  const trace = tracePath(row.MessageTraceId, row.Message_ID);
  return (
    <>
      <div className={styles.parts}>
        {PARTS.map(([title, fields]) => (
          <section key={title} aria-label={t(title)}>
            <Text weight="semibold" className={styles.title}>{t(title)}</Text>
            <Facts facts={fields.filter((field) => text(row[field]) !== '').map((field): Fact => [field, <SafeText key={field} text={text(row[field])} />])} />
          </section>
        ))}
      </div>
      <div className={styles.foot}>
        <Status status={row.Status} />
        {trace && can('Get-MessageTrace') && <Button size="small" appearance="primary" icon={<Icon name="trace" size={16} />} onClick={() => void navigate(trace)}>{t('trace')}</Button>}
      </div>
    </>
  );
}
