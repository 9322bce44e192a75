// One source: how it goes, what it could not read, its settings, and a file sent to it.
import { useMemo } from 'react';
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { useCan } from '@api/session';
import { numberText } from '@i18n/t';
import { DetailsDrawer, type DrawerTab } from '@kit/drawer/DetailsDrawer';
import { Facts, type Fact } from '@kit/drawer/Facts';
import { EditForm } from '@kit/forms/EditForm';
import { SwitchField } from '@kit/forms/fields';
import { useUrl } from '@kit/grid/useUrl';
import { Status } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { spoken } from '@kit/time/stops';
import { showTime, zoneName } from '@kit/time/zone';
import { RecordFields, TypeFields } from './Fields';
import { changesOf, fill, schemaFor, type Values } from './form';
import { Lines } from './Lines';
import { SendFile } from './SendFile';
import { lagSeconds, type Source } from './shapes';
import { t } from './text';

export const lagText = (source: Source): string => {
  const seconds = lagSeconds(source.Lag);
  return seconds === null ? '' : spoken(seconds * 1000);
};

export function SourceDetails({ source, onClose }: { source: Source | null; onClose: () => void }) {
  const [tab, setTab] = useUrl('tab');
  const can = useCan();
  if (!source) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  const tabs: DrawerTab[] = [
    { id: 'state', title: t('tabState'), content: <State source={source} /> },
    { id: 'settings', title: t('tabSettings'), content: <Settings key={source.Identity} source={source} /> },
    ...(source.Type === 'Http' && source.Enabled && source.Url && can('Import-MessageTrace') ? [{ id: 'send', title: t('tabSend'), content: <SendFile url={source.Url} /> }] : []),
  ];
  return <DetailsDrawer open title={<SafeText text={source.Name} />} name={source.Name} subtitle={t(source.Type)} onClose={onClose} tab={tab} onTab={setTab} tabs={tabs} />;
}

function State({ source }: { source: Source }) {
  const zone = useZone();
  const at = zoneName(zone);
  const facts: Fact[] = [
    [t('state'), <Status key="s" status={source.State} />], [t('lastRecord', { zone: at }), showTime(source.LastRecord, zone)], [t('lag'), lagText(source)], [t('lastRead', { zone: at }), showTime(source.LastRead, zone)], [t('records'), numberText(source.Records)], [t('new'), numberText(source.New)],
    [t('unknown'), numberText(source.Unknown)], [t('place'), <SafeText key="p" text={source.Place} />], [t('path'), source.Path], [t('bind'), source.Bind], [source.Type === 'Http' ? t('postUrl') : t('url'), source.Url], [t('secretKept'), source.HasSecret === null ? null : source.HasSecret ? t('isKept') : t('notKept')],
  ];
  return (
    <>
      {source.Error && <MessageBar intent="error" layout="multiline"><MessageBarBody><MessageBarTitle>{t('errorTitle')}</MessageBarTitle><SafeText text={source.Error} /></MessageBarBody></MessageBar>}
      {!source.Error && source.State === 'Waiting' && <MessageBar><MessageBarBody>{t('waitHint')}</MessageBarBody></MessageBar>}
      <Facts facts={facts} />
      <Lines title={t('refusedLines')} lines={source.Refused ?? []} />
      <Lines title={t('unknownLines')} lines={source.UnknownLines ?? []} />
    </>
  );
}

function Settings({ source }: { source: Source }) {
  const schema = useMemo(() => schemaFor(false), []);
  return (
    <EditForm<Values> cmdlet="Set-TraceSource" identity={source.Identity} values={fill(source)} schema={schema} parameters={changesOf} refreshes={['Get-TraceSource']}>
      {(control) => (
        <>
          <TypeFields control={control} keeps />
          <RecordFields control={control} />
          <SwitchField control={control} name="Enabled" label={t('enabled')} />
        </>
      )}
    </EditForm>
  );
}
