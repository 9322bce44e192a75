// One Receive connector: what it is, who may use it, its limits.
import { useMemo } from 'react';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { EditForm } from '@kit/forms/EditForm';
import { ChecksField, Pair, SwitchField, TextField } from '@kit/forms/fields';
import { useUrl } from '@kit/grid/useUrl';
import { SafeText } from '@kit/safe/SafeText';
import { AUTHS, generalGiven, generalOf, generalSchema, GROUPS, limitsOf, limitsSchema, whoGiven, whoOf, whoSchema } from './receiveForms';
import { RECEIVE_READS } from './ReceiveWizard';
import type { ReceiveConnector } from './shapes';
import { r, t } from './text';

export function ReceiveDetails({ connector, onClose }: { connector: ReceiveConnector | null; onClose: () => void }) {
  const [tab, setTab] = useUrl('tab');
  if (!connector) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  return (
    <DetailsDrawer
      open title={<SafeText text={connector.Name} />} name={connector.Name} subtitle={connector.Server} onClose={onClose} tab={tab} onTab={(next) => setTab(next)}
      tabs={[
        { id: 'general', title: r('general'), content: <GeneralTab connector={connector} /> },
        { id: 'who', title: r('who'), content: <WhoTab connector={connector} /> },
        { id: 'limits', title: r('limits'), content: <LimitsTab connector={connector} /> },
      ]}
    />
  );
}

function GeneralTab({ connector }: { connector: ReceiveConnector }) {
  const schema = useMemo(() => generalSchema(), []);
  const values = useMemo(() => generalOf(connector), [connector]);
  return (
    <>
      <Facts facts={[[r('role'), connector.TransportRole], [r('fqdn'), connector.Fqdn], [r('rights'), connector.ExtendedRights.join(', ')], [t('guid'), connector.Guid]]} />
      <EditForm cmdlet="Set-ReceiveConnector" identity={connector.Guid} values={values} schema={schema} parameters={generalGiven} refreshes={RECEIVE_READS}>
        {(control) => (
          <>
            <TextField control={control} name="Name" label={t('name')} required />
            <SwitchField control={control} name="Enabled" label={r('enabled')} />
            <TextField control={control} name="Bindings" label={r('bindings')} hint={r('bindingsHint')} required long />
            <SwitchField control={control} name="RequireTLS" label={r('requireTls')} />
            <SwitchField control={control} name="Verbose" label={r('verbose')} />
            <TextField control={control} name="Comment" label={r('comment')} long />
          </>
        )}
      </EditForm>
    </>
  );
}

function WhoTab({ connector }: { connector: ReceiveConnector }) {
  const schema = useMemo(() => whoSchema(), []);
  const values = useMemo(() => whoOf(connector), [connector]);
  return (
    <EditForm cmdlet="Set-ReceiveConnector" identity={connector.Guid} values={values} schema={schema} parameters={whoGiven} refreshes={RECEIVE_READS}>
      {(control) => (
        <>
          <TextField control={control} name="RemoteIPRanges" label={r('ranges')} hint={r('rangesHint')} required long />
          <ChecksField control={control} name="PermissionGroups" label={r('groups')} hint={r('groupsHint')} choices={GROUPS.map((value) => ({ value, label: r(value) }))} />
          <ChecksField control={control} name="AuthMechanism" label={r('auth')} choices={AUTHS.map((value) => ({ value, label: r(value) }))} />
        </>
      )}
    </EditForm>
  );
}

function LimitsTab({ connector }: { connector: ReceiveConnector }) {
  const schema = useMemo(() => limitsSchema(), []);
  const values = useMemo(() => limitsOf(connector), [connector]);
  return (
    <EditForm cmdlet="Set-ReceiveConnector" identity={connector.Guid} values={values} schema={schema} refreshes={RECEIVE_READS}>
      {(control) => (
        <>
          <Pair>
            <TextField control={control} name="MaxMessageSize" label={r('size')} />
            <TextField control={control} name="MaxRecipientsPerMessage" label={r('recipients')} hint={r('countHint')} />
          </Pair>
          <Pair>
            <TextField control={control} name="MaxInboundConnection" label={r('connections')} />
            <TextField control={control} name="MaxInboundConnectionPerSource" label={r('perSource')} />
          </Pair>
          <Pair>
            <TextField control={control} name="MessageRateLimit" label={r('rate')} />
            <TextField control={control} name="MaxProtocolErrors" label={r('errors')} />
          </Pair>
          <TextField control={control} name="TarpitInterval" label={r('tarpit')} hint={r('tarpitHint')} />
        </>
      )}
    </EditForm>
  );
}
