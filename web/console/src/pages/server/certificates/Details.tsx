// One certificate: what it says, and which services it is used for.
import { useState } from 'react';
import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useForm, useWatch } from 'react-hook-form';
import { useChange } from '@api/cmdlet';
import { useCan } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { ChecksField } from '@kit/forms/fields';
import { useUrl } from '@kit/grid/useUrl';
import { useUnsaved } from '@kit/drawer/unsaved';
import { ErrorBar } from '@kit/page/ErrorBar';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { daysLeft, nameOf, SERVICES, type Certificate } from './shapes';
import { t } from './text';
import { Validity } from './Validity';

export const serviceChoices = () => SERVICES.map((value) => ({ value, label: t(value), hint: t(`${value}Hint`) }));

export function Details({ certificate, now, onClose }: { certificate: Certificate | null; now: number; onClose: () => void }) {
  const [tab, setTab] = useUrl('tab');
  const can = useCan();
  if (!certificate) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  return (
    <DetailsDrawer
      open title={<SafeText text={nameOf(certificate)} />} name={nameOf(certificate)} subtitle={certificate.Subject} onClose={onClose} tab={tab} onTab={setTab}
      tabs={[{ id: 'about', title: t('tabAbout'), content: <About certificate={certificate} now={now} /> }, ...(can('Enable-ExchangeCertificate') ? [{ id: 'services', title: t('tabServices'), content: <Services key={certificate.Thumbprint} certificate={certificate} /> }] : [])]}
    />
  );
}

function About({ certificate, now }: { certificate: Certificate; now: number }) {
  const zone = useZone();
  const at = zoneName(zone);
  const left = daysLeft(certificate, now);
  return (
    <>
      {certificate.IsSelfSigned && <MessageBar layout="multiline"><MessageBarBody>{t('selfSignedNote')}</MessageBarBody></MessageBar>}
      <Facts facts={[
        [t('status'), <Validity key="v" certificate={certificate} now={now} />], [t('left'), left < 0 ? t('expired') : t('days', { n: left })], [t('notBefore', { zone: at }), showTime(certificate.NotBefore, zone)], [t('notAfter', { zone: at }), showTime(certificate.NotAfter, zone)],
        [t('domains'), <SafeText key="d" text={certificate.CertificateDomains.join(', ')} />], [t('services'), certificate.Services.join(', ') || t('noServices')], [t('subject'), <SafeText key="s" text={certificate.Subject} />], [t('issuer'), <SafeText key="i" text={certificate.Issuer} />], [t('thumbprint'), certificate.Thumbprint], [t('serial'), certificate.SerialNumber],
      ]} />
    </>
  );
}

interface Values { Services: string[] }

function Services({ certificate }: { certificate: Certificate }) {
  const enable = useChange('Enable-ExchangeCertificate', ['Get-ExchangeCertificate']);
  const { control, handleSubmit } = useForm<Values>({ defaultValues: { Services: certificate.Services } });
  const chosen = useWatch({ control, name: 'Services' });
  const [done, setDone] = useState(false);
  const added = SERVICES.filter((service) => chosen.includes(service) && !certificate.Services.includes(service));
  useUnsaved(added.length > 0);
  const parameters = { Thumbprint: certificate.Thumbprint, Services: added };
  const submit = handleSubmit(async () => {
    await enable.mutateAsync(parameters).then(() => setDone(true), () => setDone(false));
  });
  return (
    <form onSubmit={(event) => void submit(event)} noValidate style={{ display: 'flex', flexDirection: 'column', gap: 16 }}>
      <ChecksField control={control} name="Services" label={t('services')} hint={t('useLead')} choices={serviceChoices()} />
      {added.length > 0 && <CommandPreview changes={[{ cmdlet: 'Enable-ExchangeCertificate', parameters }]} />}
      <ErrorBar title={t('useFailed')} error={enable.error} />
      {done && added.length === 0 && <MessageBar intent="success"><MessageBarBody>{t('used')}</MessageBarBody></MessageBar>}
      <div><Button type="submit" appearance="primary" disabledFocusable={added.length === 0 || enable.isPending}>{t('use')}</Button></div>
    </form>
  );
}
