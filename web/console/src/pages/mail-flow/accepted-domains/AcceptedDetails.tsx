// One accepted domain, and what is done with its mail.
import { useMemo } from 'react';
import { makeStyles, MessageBar, MessageBarBody, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import type { CmdletName } from '@api/client';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { EditForm } from '@kit/forms/EditForm';
import { ChoiceField, SwitchField, TextField, type Choice } from '@kit/forms/fields';
import { z } from '@kit/forms/zod';
import { SafeText } from '@kit/safe/SafeText';
import type { AcceptedDomain } from './shapes';
import { t } from './text';

export const ACCEPTED_READS: CmdletName[] = ['Get-AcceptedDomain'];
const NAME_MAX = 64;
const TYPES = ['Authoritative', 'InternalRelay', 'ExternalRelay'] as const;
export const typeChoices = (): Choice[] => TYPES.map((value) => ({ value, label: t(value), hint: t(`${value}Hint`) }));
export const nameField = () => z.string().trim().min(1, t('nameNeeded')).max(NAME_MAX, t('nameLong'));

const useStyles = makeStyles({ link: { color: tokens.colorBrandForegroundLink } });

export function NeedsConnector({ type }: { type: string }) {
  const styles = useStyles();
  if (type === 'Authoritative') return null;
  return <MessageBar layout="multiline"><MessageBarBody>{t('needsConnector')} <Link className={styles.link} to="/mail-flow/connectors">{t('toConnectors')}</Link></MessageBarBody></MessageBar>;
}

export function AcceptedDetails({ domain, onClose }: { domain: AcceptedDomain | null; onClose: () => void }) {
  if (!domain) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  return (
    <DetailsDrawer open title={<SafeText text={domain.DomainName} />} name={domain.DomainName} subtitle={domain.Default ? t('isDefault') : undefined} onClose={onClose}>
      <Facts facts={[[t('guid'), domain.Guid]]} />
      <DomainForm domain={domain} />
    </DetailsDrawer>
  );
}

function DomainForm({ domain }: { domain: AcceptedDomain }) {
  const schema = useMemo(() => z.object({ Name: nameField(), DomainType: z.string(), MatchSubDomains: z.boolean(), AddressBookEnabled: z.boolean() }), []);
  const { Name, DomainType, MatchSubDomains, AddressBookEnabled } = domain;
  const values = useMemo(() => ({ Name, DomainType, MatchSubDomains, AddressBookEnabled }), [Name, DomainType, MatchSubDomains, AddressBookEnabled]);
  return (
    <EditForm cmdlet="Set-AcceptedDomain" identity={domain.Guid} values={values} schema={schema} refreshes={ACCEPTED_READS}>
      {(control, now) => (
        <>
          <TextField control={control} name="Name" label={t('name')} required />
          <ChoiceField control={control} name="DomainType" label={t('type')} choices={typeChoices()} />
          <NeedsConnector type={now.DomainType} />
          <SwitchField control={control} name="MatchSubDomains" label={t('subdomains')} />
          <SwitchField control={control} name="AddressBookEnabled" label={t('lookup')} hint={t('lookupHint')} />
        </>
      )}
    </EditForm>
  );
}
