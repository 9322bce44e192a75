// One user without a mailbox: the account, and the role groups.
import { useMemo, useState } from 'react';
import { Avatar, Button, makeStyles } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts } from '@kit/drawer/Facts';
import { EditForm } from '@kit/forms/EditForm';
import { SwitchField, TextField } from '@kit/forms/fields';
import { z } from '@kit/forms/zod';
import { useUrl } from '@kit/grid/useUrl';
import { Icon } from '@kit/icons';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Loading } from '@kit/page/Loading';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { PasswordDialog } from '../shared/PasswordDialog';
import { kindWord } from '../shared/text';
import { userName } from './AddUser';
import { READS, type User } from './data';
import { Groups } from './Groups';
import { t } from './text';

const useStyles = makeStyles({ title: { display: 'flex', gap: '12px', alignItems: 'center' } });

/** `known` is the row of the list; an address opened from elsewhere finds its own. */
export function UserDetails({ guid, known, onClose }: { guid: string | null; known?: User; onClose: () => void }) {
  const styles = useStyles();
  const can = useCan();
  const [tab, setTab] = useUrl('tab');
  const [asking, setAsking] = useState(false);
  const answer = useCmdlet<'Get-User', User>('Get-User', { Identity: guid ?? '' }, { enabled: guid !== null && !known });
  const user = known ?? answer.data?.rows[0];
  if (!guid) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  if (!user) return <DetailsDrawer open title={t('gone')} name={t('gone')} onClose={onClose}>{answer.error ? <ErrorBar title={t('gone')} error={answer.error} /> : <Loading />}</DetailsDrawer>;
  return (
    <>
      <DetailsDrawer
        open onClose={onClose} tab={tab} onTab={(next) => setTab(next)} name={visible(user.Name)} subtitle={kindWord(user.RecipientTypeDetails)}
        title={<span className={styles.title}><Avatar aria-hidden name={visible(user.Name)} size={40} color="colorful" /><SafeText text={user.Name} /></span>}
        top={can('Set-User') && <Button icon={<Icon name="shield" />} onClick={() => setAsking(true)}>{t('setPassword')}</Button>}
        tabs={[{ id: 'general', title: t('general'), content: <General user={user} /> }, { id: 'groups', title: t('groupsTab'), content: <Groups user={user} /> }]}
      />
      {asking && <PasswordDialog cmdlet="Set-User" identity={user.Guid} who={user.UserPrincipalName} refreshes={READS} onClose={() => setAsking(false)} />}
    </>
  );
}

function General({ user }: { user: User }) {
  const zone = useZone();
  const at = zoneName(zone);
  const schema = useMemo(() => z.object({ Name: userName(), AccountDisabled: z.boolean() }), []);
  const values = useMemo(() => ({ Name: user.Name, AccountDisabled: user.AccountDisabled }), [user]);
  return (
    <>
      <Facts facts={[[t('created', { zone: at }), showTime(user.WhenCreated, zone)], [t('passwordSet', { zone: at }), user.PasswordLastSet && showTime(user.PasswordLastSet, zone)], [t('guid'), user.Guid]]} />
      <EditForm cmdlet="Set-User" identity={user.Guid} values={values} schema={schema} refreshes={READS}>
        {(control) => (
          <>
            <TextField control={control} name="Name" label={t('name')} hint={t('nameHint')} required />
            <SwitchField control={control} name="AccountDisabled" label={t('block')} hint={t('blockHint')} />
          </>
        )}
      </EditForm>
    </>
  );
}
