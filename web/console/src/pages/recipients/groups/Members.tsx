// Who is in a group, and in the groups inside it, as a tree; members come and go here.
import { useRef, useState } from 'react';
import { Avatar, Button, makeStyles, Text, tokens, Tree, TreeItem, TreeItemLayout, useTreeItemContext_unstable } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import { ConfirmDialog, type Change } from '@kit/confirm/ConfirmDialog';
import { useUnsaved } from '@kit/drawer/unsaved';
import { useRun } from '@kit/forms/useRun';
import { Icon } from '@kit/icons';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Loading } from '@kit/page/Loading';
import { TypedFields, useTypedFields } from '@kit/forms/typed';
import { DirectoryPicker } from '@kit/people/DirectoryPicker';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import type { Group, Recipient } from '../shared/shapes';
import { kindWord } from '../shared/text';
import { isGroup, MEMBERS, READS } from './data';
import { t } from './text';

const useStyles = makeStyles({
  add: { display: 'flex', gap: '8px', alignItems: 'end', flexWrap: 'wrap' },
  grow: { flexGrow: 1, minWidth: 0 },
  quiet: { color: tokens.colorNeutralForeground3 },
  item: { paddingBlock: '4px' },
  name: { display: 'flex', flexDirection: 'column', minWidth: 0, overflowWrap: 'anywhere' },
});

export function Members({ group }: { group: Group }) {
  const styles = useStyles();
  const can = useCan();
  const [adding, setAdding] = useState<string[]>([]);
  const [taking, setTaking] = useState<Recipient | null>(null);
  const [added, setAdded] = useState('');
  const run = useRun(READS);
  const typed = useTypedFields();
  useUnsaved(adding.length > 0);
  const count = useRef<HTMLSpanElement>(null);
  const answer = useCmdlet<'Get-DistributionGroupMember', Recipient>('Get-DistributionGroupMember', { Identity: group.Guid, ResultSize: 'Unlimited' });
  const members = answer.data?.rows ?? [];
  const changes: Change[] = adding.map((Member) => ({ cmdlet: 'Add-DistributionGroupMember', parameters: { Identity: group.PrimarySmtpAddress, Member } }));
  const add = () => typed.settle() && run.mutate(changes, { onSuccess: () => { setAdded(t('added', { n: adding.length })); setAdding([]); } });
  // The button that was pressed is gone with its line.
  const done = () => {
    setTaking(null);
    setTimeout(() => count.current?.focus(), 0);
  };
  return (
    <>
      <ErrorBar title={t('membersFailed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {can('Add-DistributionGroupMember') && (
        <>
          <div className={styles.add}>
            <div className={styles.grow}><TypedFields value={typed.fields}><DirectoryPicker label={t('addMembers')} kinds={MEMBERS} value={adding} onChange={(next) => { setAdding(next); setAdded(''); }} without={[group.Identity, ...members.map((m) => m.Identity)]} /></TypedFields></div>
            <Button appearance="primary" disabledFocusable={adding.length === 0 || run.isPending} onClick={add}>{run.isPending ? t('adding') : t('addNow')}</Button>
          </div>
          {adding.length > 0 && <CommandPreview changes={changes} />}
          <ErrorBar title={t('addFailed')} error={run.error} />
          <Text size={200} role="status">{added}</Text>
        </>
      )}
      <Text ref={count} tabIndex={-1} weight="semibold">{t('treeCount', { n: members.length })}</Text>
      {answer.isPending ? <Loading /> : members.length === 0 ? <Text>{t('treeNone')}</Text> : (
        <Tree aria-label={t('tree', { name: visible(group.DisplayName) })}>
          {members.map((m) => <Branch key={m.Guid} member={m} above={[group.Guid]} onTake={can('Remove-DistributionGroupMember') ? setTaking : undefined} />)}
        </Tree>
      )}
      {taking && (
        <ConfirmDialog
          title={t('takeTitle', { who: visible(taking.DisplayName) })} text={t('takeText')} confirm={t('takeConfirm')} refreshes={READS} onClose={() => setTaking(null)} onDone={done}
          ways={[{ id: 'take', label: '', changes: [{ cmdlet: 'Remove-DistributionGroupMember', parameters: { Identity: group.PrimarySmtpAddress, Member: taking.Guid } }] }]}
        />
      )}
    </>
  );
}

interface BranchProps { member: Recipient; above: string[]; onTake?: (member: Recipient) => void }

function Branch({ member, above, onTake }: BranchProps) {
  const styles = useStyles();
  const circle = above.includes(member.Guid);
  const opens = isGroup(member.RecipientTypeDetails) && !circle;
  const name = visible(member.DisplayName);
  const layout = (
    <TreeItemLayout
      className={styles.item} iconBefore={<Avatar aria-hidden name={name} size={28} color="colorful" shape={isGroup(member.RecipientTypeDetails) ? 'square' : 'circular'} />}
      actions={onTake && { visible: true, children: <Button size="small" appearance="subtle" icon={<Icon name="close" size={16} />} aria-label={t('take', { who: name })} onClick={() => onTake(member)} /> }}
    >
      <span className={styles.name}>
        <SafeText text={member.DisplayName} />
        <Text size={200} className={styles.quiet}>{kindWord(member.RecipientTypeDetails)} · <SafeText text={member.PrimarySmtpAddress} />{circle && ` · ${t('treeCircle')}`}</Text>
      </span>
    </TreeItemLayout>
  );
  return opens
    ? <TreeItem itemType="branch" value={[...above, member.Guid].join('/')}>{layout}<Twigs group={member} above={[...above, member.Guid]} /></TreeItem>
    : <TreeItem itemType="leaf" value={[...above, member.Guid].join('/')}>{layout}</TreeItem>;
}

/** The members of a group inside; asked for when its branch is opened. */
function Twigs({ group, above }: { group: Recipient; above: string[] }) {
  const open = useTreeItemContext_unstable((item) => item.open);
  const answer = useCmdlet<'Get-DistributionGroupMember', Recipient>('Get-DistributionGroupMember', { Identity: group.Guid, ResultSize: 'Unlimited' }, { enabled: open });
  return <Tree>{(answer.data?.rows ?? []).map((m) => <Branch key={m.Guid} member={m} above={above} />)}</Tree>;
}
