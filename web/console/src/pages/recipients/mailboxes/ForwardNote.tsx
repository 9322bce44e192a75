// Says where mail that is forwarded to an address goes nowhere: the administrator of the organization has forbidden it.
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { Link } from 'react-router';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { SafeText } from '@kit/safe/SafeText';
import type { Recipient } from '../shared/shapes';
import { forwardDropped } from './flow';
import { t } from './text';

/** Whoever may not read the domains is told nothing rather than something wrong. */
export function ForwardNote({ address, keeps, contact }: { address: string; keeps: boolean; contact?: string }) {
  const can = useCan();
  const enabled = can('Get-AcceptedDomain') && can('Get-RemoteDomain');
  const accepted = useCmdlet<'Get-AcceptedDomain', { DomainName: string; MatchSubDomains: boolean }>('Get-AcceptedDomain', {}, { enabled });
  const remote = useCmdlet<'Get-RemoteDomain', { Name: string; DomainName: string; AutoForwardEnabled: boolean }>('Get-RemoteDomain', {}, { enabled });
  const dropped = accepted.data && remote.data ? forwardDropped(address, { accepted: accepted.data.rows, remote: remote.data.rows }) : null;
  if (dropped === null) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{t('dropped')}</MessageBarTitle>
        {contact !== undefined && <><SafeText text={t('droppedContact', { contact, address })} /> </>}{t(keeps ? 'droppedKept' : 'droppedLost', { name: dropped })} <Link to="/mail-flow/accepted-domains?kind=remote">{t('droppedOpen')}</Link>
      </MessageBarBody>
    </MessageBar>
  );
}

/** The same of somebody in the directory whose mail goes on to an address outside: a mail contact or a mail user. */
export function RecipientForwardNote({ name, keeps }: { name: string; keeps: boolean }) {
  const enabled = useCan()('Get-Recipient') && name !== '';
  const found = useCmdlet<'Get-Recipient', Recipient>('Get-Recipient', { Identity: name }, { enabled });
  // Of whoever was chosen before nothing is said.
  const outside = enabled && !found.isPlaceholderData ? found.data?.rows[0]?.ExternalEmailAddress : null;
  return outside ? <ForwardNote address={outside.replace(/^smtp:/i, '')} keeps={keeps} contact={name} /> : null;
}
