// One mailbox: its tabs, each with what belongs together.
import { useState } from 'react';
import { Avatar, Button, makeStyles, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { DetailsDrawer, type DrawerTab } from '@kit/drawer/DetailsDrawer';
import { useUrl } from '@kit/grid/useUrl';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Loading } from '@kit/page/Loading';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { useZone } from '@kit/shell/settings';
import { showTime } from '@kit/time/zone';
import { PasswordDialog } from '../shared/PasswordDialog';
import type { Mailbox } from '../shared/shapes';
import { kindWord, words } from '../shared/text';
import { TraceLinks } from '../shared/TraceLinks';
import { READS } from './data';
import { Delegation } from './Delegation';
import { Folders } from './Folders';
import { AddressesTab, FlowTab, GeneralTab } from './MailboxForms';
import { t } from './text';

const useStyles = makeStyles({ title: { display: 'flex', gap: '12px', alignItems: 'center' } });

export function MailboxDetails({ guid, removed, onClose }: { guid: string | null; removed?: Mailbox; onClose: () => void }) {
  const [tab, setTab] = useUrl('tab');
  const can = useCan();
  const styles = useStyles();
  const zone = useZone();
  const [asking, setAsking] = useState(false);
  const answer = useCmdlet<'Get-Mailbox', Mailbox>('Get-Mailbox', { Identity: guid ?? '' }, { enabled: guid !== null && !removed });
  const mailbox = removed ?? answer.data?.rows.find((m) => m.Guid === guid);
  if (!guid) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  if (!mailbox) return <DetailsDrawer open title={words('gone')} name={words('gone')} onClose={onClose}>{answer.error ? <ErrorBar title={words('gone')} error={answer.error} /> : <Loading />}</DetailsDrawer>;
  const tabs: DrawerTab[] = removed ? [{ id: 'folders', title: t('folders'), content: <MessageBar intent="warning"><MessageBarBody>{t('removedNote', { time: showTime(mailbox.WhenSoftDeleted, zone) })}</MessageBarBody></MessageBar> }] : [
    { id: 'general', title: t('general'), content: <GeneralTab mailbox={mailbox} /> },
    { id: 'addresses', title: t('addresses'), content: <AddressesTab mailbox={mailbox} /> },
    { id: 'flow', title: t('flow'), content: <FlowTab mailbox={mailbox} /> },
    ...(can('Get-MailboxPermission') ? [{ id: 'delegation', title: t('delegationTab'), content: <Delegation mailboxes={[mailbox]} /> }] : []),
    ...(can('Get-MailboxFolderStatistics') ? [{ id: 'folders', title: t('folders'), content: <Folders mailbox={mailbox} /> }] : []),
  ];
  return (
    <>
      <DetailsDrawer
        open onClose={onClose} tabs={tabs} tab={tab} onTab={(next) => setTab(next)} name={visible(mailbox.DisplayName)}
        title={<span className={styles.title}><Avatar aria-hidden name={visible(mailbox.DisplayName)} size={40} color="colorful" /><SafeText text={mailbox.DisplayName} /></span>}
        subtitle={<>{kindWord(mailbox.RecipientTypeDetails)} · <SafeText text={mailbox.PrimarySmtpAddress} /></>}
        footer={!removed && mailbox.RecipientTypeDetails === 'UserMailbox' && can('Set-Mailbox') && <Button onClick={() => setAsking(true)}>{t('setPassword')}</Button>}
        top={can('Get-MessageTrace') && !removed && <TraceLinks address={mailbox.PrimarySmtpAddress} />}
      />
      {asking && <PasswordDialog cmdlet="Set-Mailbox" identity={mailbox.PrimarySmtpAddress} who={mailbox.UserPrincipalName} refreshes={READS} onClose={() => setAsking(false)} />}
    </>
  );
}
