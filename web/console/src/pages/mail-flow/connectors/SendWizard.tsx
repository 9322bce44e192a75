// A Send connector step by step: what it is called, when it is used, where mail goes, how the connection is protected.
import { useState } from 'react';
import { Button } from '@fluentui/react-components';
import { useWatch } from 'react-hook-form';
import type { CmdletName } from '@api/client';
import { useCan } from '@api/session';
import type { Fact } from '@kit/drawer/Facts';
import { ChoiceField, Pair, Section, SelectField, SwitchField, TextField } from '@kit/forms/fields';
import { ConnectorTest } from '../shared/ConnectorTest';
import { trialOf } from '../shared/connectorTest';
import { Wizard, type Step, type StepProps } from '@kit/wizard/Wizard';
import { EMPTY, formOf, makeSchema, sendChanges, type SendForm } from './sendForm';
import { lines, type SendConnector } from './shapes';
import { t, w } from './text';

export const SEND_READS: CmdletName[] = ['Get-SendConnector', 'Get-Queue'];
const TLS = ['optional', 'required', 'CertificateValidation', 'DomainValidation', 'never'] as const;
const SIGN_INS = ['None', 'BasicAuth', 'BasicAuthRequireTLS'] as const;
type SignIn = (typeof SIGN_INS)[number] | 'ExchangeServer' | 'ExternalAuthoritative';

const NameStep = ({ control }: StepProps<SendForm>) => (
  <>
    <TextField control={control} name="Name" label={t('name')} required />
    <TextField control={control} name="Comment" label={w('comment')} long />
    <SwitchField control={control} name="Enabled" label={w('enabled')} />
  </>
);

const UseStep = ({ control }: StepProps<SendForm>) => <TextField control={control} name="AddressSpaces" label={w('spaces')} hint={w('spacesHint')} required long />;

function RoutingStep({ control }: StepProps<SendForm>) {
  const by = useWatch({ control, name: 'DNSRoutingEnabled' });
  return (
    <>
      <ChoiceField control={control} name="DNSRoutingEnabled" label={w('by')} choices={[{ value: 'mx', label: w('mx'), hint: w('mxHint') }, { value: 'smart', label: w('smart'), hint: w('smartHint') }]} />
      {by === 'smart' && <TextField control={control} name="SmartHosts" label={w('hosts')} hint={w('hostsHint')} required long />}
      <Pair>
        <TextField control={control} name="Port" label={w('port')} />
        <TextField control={control} name="MaxMessageSize" label={w('size')} hint={w('sizeHint')} />
      </Pair>
    </>
  );
}

/** `locked`: the connector has a level for certificates, which the server does not take back. */
const securityStep = (connector?: SendConnector) =>
  function SecurityStep({ control }: StepProps<SendForm>) {
    const [by, tls, signIn] = useWatch({ control, name: ['DNSRoutingEnabled', 'TlsAuthLevel', 'SmartHostAuthMechanism'] });
    const locked = Boolean(connector?.TlsAuthLevel);
    const offered = TLS.filter((one) => !locked || (one !== 'optional' && one !== 'never'));
    const present = connector?.SmartHostAuthMechanism ?? 'None';
    const signIns: string[] = SIGN_INS.some((one) => one === present) ? [...SIGN_INS] : [...SIGN_INS, present];
    return (
      <>
        <ChoiceField control={control} name="TlsAuthLevel" label={w('tls')} hint={locked ? w('locked') : undefined} choices={offered.map((value) => ({ value, label: w(value), hint: w(`${value}Hint`) }))} />
        {tls === 'DomainValidation' && <TextField control={control} name="TlsDomain" label={w('tlsDomain')} hint={w('tlsDomainHint')} />}
        {by === 'smart' && <SelectField control={control} name="SmartHostAuthMechanism" label={w('signIn')} choices={signIns.map((value) => ({ value, label: w(value as SignIn) }))} />}
        {by === 'smart' && signIn.startsWith('BasicAuth') && (
          <Pair>
            <TextField control={control} name="AuthenticationUserName" label={w('user')} required />
            <TextField control={control} name="AuthenticationPassword" label={w('password')} type="password" autoComplete="new-password" hint={connector?.AuthenticationUserName ? w('passwordKept') : undefined} required={!connector?.AuthenticationUserName} />
          </Pair>
        )}
      </>
    );
  };

function makeSteps(connector?: SendConnector): Step<SendForm>[] {
  return [
    { id: 'name', title: w('naming'), lead: w('namingLead'), fields: ['Name', 'Comment', 'Enabled'], Content: NameStep },
    { id: 'use', title: w('use'), lead: w('useLead'), fields: ['AddressSpaces'], Content: UseStep },
    { id: 'routing', title: w('routing'), lead: w('routingLead'), fields: ['DNSRoutingEnabled', 'SmartHosts', 'Port', 'MaxMessageSize'], Content: RoutingStep },
    { id: 'security', title: w('security'), lead: w('securityLead'), fields: ['TlsAuthLevel', 'TlsDomain', 'SmartHostAuthMechanism', 'AuthenticationUserName', 'AuthenticationPassword'], Content: securityStep(connector) },
  ];
}

function review(v: SendForm): Fact[] {
  const smart = v.DNSRoutingEnabled === 'smart';
  return [
    [t('name'), v.Name], [t('state'), v.Enabled ? t('on') : t('off')], [t('comment'), v.Comment], [w('spaces'), lines(v.AddressSpaces).join(', ')], [t('route'), smart ? lines(v.SmartHosts).join(', ') : w('mx')], [w('port'), v.Port], [w('size'), v.MaxMessageSize],
    [w('tls'), v.TlsAuthLevel === 'DomainValidation' && v.TlsDomain ? `${w('DomainValidation')}: ${v.TlsDomain}` : w(v.TlsAuthLevel)], [w('signIn'), smart ? w(v.SmartHostAuthMechanism as SignIn) : ''], [w('user'), smart && v.SmartHostAuthMechanism !== 'None' ? v.AuthenticationUserName : ''],
  ];
}

/** Opened by who wants it: it sends real mail. */
function Trial({ connector }: { connector: Record<string, unknown> }) {
  const [open, setOpen] = useState(false);
  if (!open) return <div><Button type="button" onClick={() => setOpen(true)}>{w('try')}</Button></div>;
  return <Section title={w('trial')}><ConnectorTest connector={connector} /></Section>;
}

interface Props { connector?: SendConnector; onClose: () => void; onDone: (name: string) => void }

export function SendWizard({ connector, onClose, onDone }: Props) {
  const [schema] = useState(() => makeSchema(Boolean(connector?.AuthenticationUserName)));
  const [steps] = useState(() => makeSteps(connector));
  const can = useCan();
  const trial = (v: SendForm) => <Trial connector={trialOf(sendChanges(v, connector), connector?.Guid)} />;
  return (
    <Wizard
      title={connector ? w('edit', { name: connector.Name }) : w('add')} finish={connector ? w('save') : w('finish')} start={connector ? formOf(connector) : EMPTY} schema={schema} steps={() => steps} review={review}
      changes={(v) => sendChanges(v, connector)} trial={can('Test-SendConnector') ? trial : undefined} refreshes={SEND_READS} onClose={onClose} onDone={(v) => onDone(v.Name.trim())}
    />
  );
}
