// One role group: what it is, who is in it, what they may do and where.
import { useMemo, useRef, useState } from 'react';
import { Avatar, Button, makeStyles, MessageBar, MessageBarBody, Text, tokens } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import { ConfirmDialog } from '@kit/confirm/ConfirmDialog';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { EditForm } from '@kit/forms/EditForm';
import { ChecksField, ReadOnly, Section, TextField } from '@kit/forms/fields';
import { useRun } from '@kit/forms/useRun';
import { z } from '@kit/forms/zod';
import { useUrl } from '@kit/grid/useUrl';
import { Icon } from '@kit/icons';
import { useUnsaved } from '@kit/drawer/unsaved';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Loading } from '@kit/page/Loading';
import { TypedFields, useTypedFields } from '@kit/forms/typed';
import { DirectoryPicker } from '@kit/people/DirectoryPicker';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { useDomainChoices, useRoleChoices } from './choices';
import { READS } from './page';
import type { RoleGroup, RoleGroupMember } from './shapes';
import { t } from './text';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  row: { display: 'flex', alignItems: 'center', gap: '10px', minHeight: '48px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
  grow: { flexGrow: 1, minWidth: 0, display: 'flex', flexDirection: 'column', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground3 },
  add: { display: 'flex', gap: '8px', alignItems: 'end', flexWrap: 'wrap' },
});

export function RoleGroupDetails({ group, onClose }: { group: RoleGroup | null; onClose: () => void }) {
  const [tab, setTab] = useUrl('tab');
  if (!group) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  return (
    <DetailsDrawer
      open onClose={onClose} tab={tab} onTab={(next) => setTab(next)} name={visible(group.Name)} title={<SafeText text={group.Name} />} subtitle={group.BuiltIn ? t('builtIn') : t('own')}
      tabs={[{ id: 'general', title: t('general'), content: <General group={group} /> }, { id: 'members', title: t('membersTab'), content: <Members group={group} /> }]}
    />
  );
}

function General({ group }: { group: RoleGroup }) {
  const roles = useRoleChoices();
  const domains = useDomainChoices(group.RecipientDomainScope);
  const schema = useMemo(() => z.object({ Name: z.string().trim().min(1, t('nameNeeded')).max(64, t('nameLong')), Description: z.string(), Roles: z.array(z.string()).min(1, t('roleNeeded')), RecipientDomainScope: z.array(z.string()) }), []);
  const values = useMemo(() => ({ Name: group.Name, Description: group.Description ?? '', Roles: group.Roles, RecipientDomainScope: group.RecipientDomainScope }), [group]);
  const mayNot = !useCan()('Set-RoleGroup');
  return (
    <>
      {group.BuiltIn && <MessageBar><MessageBarBody>{t('builtInNote')}</MessageBarBody></MessageBar>}
      <EditForm cmdlet="Set-RoleGroup" identity={group.Guid} values={values} schema={schema} refreshes={READS}>
        {(control) => (
          <>
            <TextField control={control} name="Description" label={t('description')} long />
            <ReadOnly value={mayNot || group.BuiltIn}>
              <TextField control={control} name="Name" label={t('name')} required />
              <Section title={t('scope')} lead={group.RecipientDomainScope.length === 0 ? t('everywhere') : undefined}>
                <ChecksField control={control} name="RecipientDomainScope" label={t('scope')} choices={domains} />
              </Section>
              <Section title={t('rolesTab')} lead={t('rolesLead')}>
                <ChecksField control={control} name="Roles" label={t('roles')} choices={group.BuiltIn ? roles.filter((r) => group.Roles.includes(r.value)) : roles} />
              </Section>
            </ReadOnly>
          </>
        )}
      </EditForm>
    </>
  );
}

function Members({ group }: { group: RoleGroup }) {
  const styles = useStyles();
  const can = useCan();
  const [adding, setAdding] = useState<string[]>([]);
  useUnsaved(adding.length > 0);
  const [taking, setTaking] = useState<RoleGroupMember | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const run = useRun(READS);
  const answer = useCmdlet<'Get-RoleGroupMember', RoleGroupMember>('Get-RoleGroupMember', { Identity: group.Guid });
  const members = answer.data?.rows ?? [];
  const typed = useTypedFields();
  const changes = adding.map((Member) => ({ cmdlet: 'Add-RoleGroupMember' as const, parameters: { Identity: group.Name, Member } }));
  const add = () => typed.settle() && run.mutate(changes, { onSuccess: () => setAdding([]) });
  // The button that was pressed is gone with its line.
  const done = () => {
    setTaking(null);
    setTimeout(() => list.current?.focus(), 0);
  };
  return (
    <>
      <ErrorBar title={t('membersFailed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {can('Add-RoleGroupMember') && (
        <>
          <div className={styles.add}>
            <div className={styles.grow}><TypedFields value={typed.fields}><DirectoryPicker label={t('addMember')} kinds={['UserMailbox', 'MailUser']} value={adding} onChange={setAdding} without={members.flatMap((m) => m.PrimarySmtpAddress ?? [])} /></TypedFields></div>
            <Button appearance="primary" disabledFocusable={adding.length === 0 || run.isPending} onClick={add}>{run.isPending ? t('adding') : t('addNow')}</Button>
          </div>
          {adding.length > 0 && <CommandPreview changes={changes} />}
          <ErrorBar title={t('addFailed')} error={run.error} />
        </>
      )}
      <div ref={list} tabIndex={-1} style={{ outlineStyle: 'none' }}>
        {answer.isPending ? <Loading /> : members.length === 0 ? <Text>{t('noMembers')}</Text> : (
          <ul className={styles.list} aria-label={t('members')}>
            {members.map((m) => (
              <li key={m.Guid} className={styles.row}>
                <Avatar aria-hidden name={visible(m.Name)} size={32} color="colorful" />
                <span className={styles.grow}>
                  <SafeText text={m.Name} />
                  <Text size={200} className={styles.quiet}>{m.PrimarySmtpAddress ? <SafeText text={m.PrimarySmtpAddress} /> : t('withoutMailbox')}</Text>
                </span>
                {can('Remove-RoleGroupMember') && <Button size="small" appearance="subtle" icon={<Icon name="close" size={16} />} aria-label={t('take', { who: visible(m.PrimarySmtpAddress ?? m.Name) })} onClick={() => setTaking(m)} />}
              </li>
            ))}
          </ul>
        )}
      </div>
      {taking && (
        <ConfirmDialog
          title={t('takeTitle', { who: visible(taking.PrimarySmtpAddress ?? taking.Name), group: group.Name })} text={t('takeText')} confirm={t('takeConfirm')} refreshes={READS} onClose={() => setTaking(null)} onDone={done}
          ways={[{ id: 'take', label: '', changes: [{ cmdlet: 'Remove-RoleGroupMember', parameters: { Identity: group.Guid, Member: taking.Guid } }] }]}
        />
      )}
    </>
  );
}
