// One alert: whether it is raised, what its search finds now, its settings.
import { useMemo } from 'react';
import { Button, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useCan } from '@api/session';
import { numberText } from '@i18n/t';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { EditForm } from '@kit/forms/EditForm';
import { SwitchField } from '@kit/forms/fields';
import { useUrl } from '@kit/grid/useUrl';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { resultsPath } from '../../mail-flow/message-trace/query';
import { AlertState } from './AlertState';
import { WhatFields, WhomFields } from './Fields';
import { changesOf, fill, makeSchema, type Values } from './form';
import type { Alert } from './shapes';
import { t } from './text';

export function AlertDetails({ alert, onClose }: { alert: Alert | null; onClose: () => void }) {
  const [tab, setTab] = useUrl('tab');
  const can = useCan();
  const navigate = useNavigate();
  if (!alert) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  return (
    <DetailsDrawer
      open title={<SafeText text={alert.Name} />} name={alert.Name} onClose={onClose} tab={tab} onTab={setTab}
      tabs={[{ id: 'state', title: t('tabState'), content: <State alert={alert} /> }, { id: 'settings', title: t('tabSettings'), content: <Settings key={alert.Guid} alert={alert} /> }]}
      footer={can('Get-MessageTrace') && <Button appearance="primary" onClick={() => void navigate(resultsPath({ Query: alert.Query }))}>{t('results')}</Button>}
    />
  );
}

function State({ alert }: { alert: Alert }) {
  const zone = useZone();
  const since = showTime(alert.RaisedSince, zone);
  return (
    <>
      {alert.IsRaised && alert.Enabled && <MessageBar intent="warning" layout="multiline"><MessageBarBody><MessageBarTitle>{t('raisedTitle')}</MessageBarTitle>{t('raisedText', { time: `${since}, ${zoneName(zone)}` })}</MessageBarBody></MessageBar>}
      <Facts facts={[[t('state'), <AlertState key="s" alert={alert} />], [t('query'), alert.Query], [t('threshold'), numberText(alert.Threshold)], [t('raisedSince', { zone: zoneName(zone) }), since], [t('notify'), <SafeText key="n" text={(alert.Notify ?? []).join(', ')} />], [t('webhook'), alert.WebhookUrl]]} />
    </>
  );
}

function Settings({ alert }: { alert: Alert }) {
  const schema = useMemo(() => makeSchema(), []);
  return (
    <EditForm<Values> cmdlet="Set-MessageTraceAlert" identity={alert.Guid} values={fill(alert)} schema={schema} parameters={changesOf} refreshes={['Get-MessageTraceAlert']}>
      {(control) => (
        <>
          <WhatFields control={control} />
          <WhomFields control={control} />
          <SwitchField control={control} name="Enabled" label={t('enabled')} />
        </>
      )}
    </EditForm>
  );
}
