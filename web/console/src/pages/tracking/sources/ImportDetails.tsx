// One import: what was read, by whom, how it ended; and the way to take its place out of the trace again.
import { Button, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useCan } from '@api/session';
import { numberText } from '@i18n/t';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts, type Fact } from '@kit/drawer/Facts';
import { Status } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { Lines } from './Lines';
import type { Entry } from './shapes';
import { t } from './text';

export function ImportDetails({ entry, onClose, onRemove }: { entry: Entry | null; onClose: () => void; onRemove: (place: string) => void }) {
  const zone = useZone();
  const can = useCan();
  const navigate = useNavigate();
  if (!entry) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  const at = zoneName(zone);
  const number = (value: number | null) => (value === null ? null : numberText(value));
  const facts: Fact[] = [
    [t('state'), <Status key="s" status={entry.State} />], [t('place'), <SafeText key="p" text={entry.Place} />], [t('importedBy'), entry.ImportedBy && <SafeText key="b" text={entry.ImportedBy} />], [t('started', { zone: at }), showTime(entry.StartTime, zone)], [t('ended', { zone: at }), showTime(entry.EndTime, zone)], [t('format'), entry.LogFormat],
    [t('files'), number(entry.FileCount)], [t('lines'), number(entry.Lines)], [t('new'), number(entry.Events)], [t('unknown'), number(entry.UnknownLines)], [t('first', { zone: at }), showTime(entry.FirstEvent, zone)], [t('last', { zone: at }), showTime(entry.LastEvent, zone)],
  ];
  const found = `Place=${encodeURIComponent(entry.Place)}${entry.FirstEvent ? `&StartDate=${encodeURIComponent(entry.FirstEvent)}` : ''}`;
  return (
    <DetailsDrawer
      open title={<SafeText text={entry.Place} />} name={entry.Place} subtitle={t('importNumber', { id: entry.Identity })} onClose={onClose}
      footer={
        <>
          {can('Get-MessageTrace') && <Button appearance="primary" onClick={() => void navigate(`/mail-flow/message-trace/results?${found}`)}>{t('toTrace')}</Button>}
          {can('Remove-MessageTraceImport') && <Button disabledFocusable={entry.State === 'Running'} onClick={() => onRemove(entry.Place)}>{t('takeOut')}</Button>}
        </>
      }
    >
      {entry.Reason && <MessageBar intent={entry.State === 'Failed' ? 'error' : 'warning'} layout="multiline"><MessageBarBody><MessageBarTitle>{t('reason')}</MessageBarTitle><SafeText text={entry.Reason} /></MessageBarBody></MessageBar>}
      <Facts facts={facts} />
      <Lines title={t('fileNames')} lines={entry.Files} />
    </DetailsDrawer>
  );
}
