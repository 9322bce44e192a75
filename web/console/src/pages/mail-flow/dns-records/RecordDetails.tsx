// One record: what to publish, what stands there now, and what to do.
import { makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Text, tokens } from '@fluentui/react-components';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { CopyButton } from './CopyButton';
import { RecordState } from './RecordState';
import { zoneLine, type DnsRecord } from './shapes';
import { t } from './text';

const useStyles = makeStyles({
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  buttons: { display: 'flex', gap: '8px', flexWrap: 'wrap' },
});

export function RecordDetails({ record, onClose, onPrevious, onNext }: { record: DnsRecord | null; onClose: () => void; onPrevious?: () => void; onNext?: () => void }) {
  const styles = useStyles();
  const zone = useZone();
  if (!record) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  const line = zoneLine(record);
  const asks = record.State === 'Missing' || record.State === 'Differs';
  return (
    <DetailsDrawer
      open title={<>{record.RecordType} <SafeText text={record.Name} /></>} name={`${record.RecordType} ${record.Name}`} subtitle={t(record.Purpose as 'Mail')} onClose={onClose} onPrevious={onPrevious} onNext={onNext}
      footer={
        <>
          {record.Value && <CopyButton key={`v ${record.Name}`} text={record.Value} label={t('copyValue')} />}
          <CopyButton key={`n ${record.Name}`} text={record.Name} label={t('copyName')} />
          {line && <CopyButton key={`l ${record.Name}`} text={line} label={t('copyLine')} />}
        </>
      }
    >
      {record.Reason && <MessageBar intent={asks ? 'warning' : 'info'} layout="multiline"><MessageBarBody>{record.Fix && <MessageBarTitle><SafeText text={record.Fix} /></MessageBarTitle>} <SafeText text={record.Reason} /></MessageBarBody></MessageBar>}
      {record.State === 'NotNeeded' && record.Purpose === 'SigningKey' && <Text>{t('notSignedMeans')}</Text>}
      <Facts facts={[
        [t('state'), <RecordState key="s" record={record} />], [t('type'), record.RecordType], [t('name'), <span key="n" className={styles.mono}>{record.Name}</span>], [t('value'), record.Value && <span key="v" className={styles.mono}>{record.Value}</span>], [t('note'), record.Note],
        [t('found'), record.Found.length > 0 ? <ul key="f" className={styles.list}>{record.Found.map((one) => <li key={one} className={styles.mono}><SafeText text={one} /></li>)}</ul> : record.State !== 'NotChecked' && record.Checked ? t('nothing') : null],
        [t('checked', { zone: zoneName(zone) }), showTime(record.Checked, zone)], [t('domain'), record.Domain],
      ]} />
    </DetailsDrawer>
  );
}
