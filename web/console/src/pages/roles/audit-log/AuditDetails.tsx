// One record: who, what, and how the object was before and after.
import { makeStyles, MessageBar, MessageBarBody, Text, tokens } from '@fluentui/react-components';
import { shellLine } from '@kit/command/line';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { about, differences, isLookUp, word } from './diff';
import type { Audited } from './shapes';
import { t } from './text';

const useStyles = makeStyles({
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  table: { width: '100%', borderCollapse: 'collapse', tableLayout: 'fixed' },
  cell: { textAlign: 'start', verticalAlign: 'top', padding: '8px', borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, overflowWrap: 'anywhere', fontWeight: tokens.fontWeightRegular },
  head: { fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase200 },
  before: { color: tokens.colorNeutralForeground3, textDecorationLine: 'line-through' },
  line: { margin: 0, padding: '10px 12px', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, backgroundColor: tokens.colorNeutralBackground3, borderRadius: tokens.borderRadiusMedium },
});

export function AuditDetails({ record, onClose }: { record: Audited | null; onClose: () => void }) {
  const styles = useStyles();
  const zone = useZone();
  if (!record) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  const name = record.CmdletName ?? record.Caller;
  const found = differences(record);
  const lookUp = isLookUp(record);
  const nothing = lookUp ? t('lookUpNote') : record.Succeeded && record.CmdletName ? t('noObject') : t('noChange');
  const object = record.LookedUp === null ? about(record) : (record.ObjectModified ?? '');
  return (
    <DetailsDrawer open onClose={onClose} name={name} title={<SafeText text={name} />} subtitle={<SafeText text={`${record.Caller}, ${showTime(record.RunDate, zone, true)}, ${zoneName(zone)}`} />}>
      {record.Error && <MessageBar intent="error" layout="multiline"><MessageBarBody><SafeText text={record.Error} /></MessageBarBody></MessageBar>}
      <Facts facts={[
        [t('caller'), <SafeText key="c" text={record.Caller} />], [t('interface'), record.Interface], [t('result'), record.Succeeded ? t('succeeded') : t('failedResult')], [t('objectModified'), object && <SafeText key="o" text={object} />],
        [t('guid'), record.ObjectGuid], [t('lookedUp'), word(record.LookedUp) && <SafeText key="l" text={word(record.LookedUp)} />], [t('rows'), record.ResultRows === null || !lookUp ? null : String(record.ResultRows)], [t('identity'), String(record.Identity)],
      ]} />
      {record.CmdletName && (
        <>
          <h3 className={styles.heading}>{t('again')}</h3>
          <pre className={styles.line} dir="ltr">{shellLine(record.CmdletName, record.CmdletParameters ?? {})}</pre>
        </>
      )}
      <h3 className={styles.heading}>{t('change')}</h3>
      {found.length === 0 ? <Text>{nothing}</Text> : (
        <table className={styles.table}>
          <thead><tr>{(['property', 'before', 'after'] as const).map((head) => <th key={head} scope="col" className={`${styles.cell} ${styles.head}`}>{t(head)}</th>)}</tr></thead>
          <tbody>
            {found.map((d) => (
              <tr key={d.property}>
                <th scope="row" className={styles.cell}>{d.property}</th>
                <td className={styles.cell}>{d.before === '' ? <Text size={200}>{t('none')}</Text> : <span className={styles.before}><SafeText text={d.before} /></span>}</td>
                <td className={styles.cell}>{d.after === '' ? <Text size={200}>{t('none')}</Text> : <SafeText text={d.after} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </DetailsDrawer>
  );
}
