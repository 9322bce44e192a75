// Who else reads one or several mailboxes, sends as them, and on their behalf.
import { useRef, useState } from 'react';
import { Avatar, Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useQueries } from '@tanstack/react-query';
import { runCmdlet, type ApiError } from '@api/client';
import { useCan } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import { ConfirmDialog } from '@kit/confirm/ConfirmDialog';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { useRun } from '@kit/forms/useRun';
import { useUnsaved } from '@kit/drawer/unsaved';
import { Icon } from '@kit/icons';
import { ErrorBar } from '@kit/page/ErrorBar';
import { Loading } from '@kit/page/Loading';
import { TypedFields, useTypedFields } from '@kit/forms/typed';
import { DirectoryPicker, TRUSTEES } from '@kit/people/DirectoryPicker';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import type { Mailbox, MailboxGrant, SendAsGrant } from '../shared/shapes';
import { READS } from './data';
import { d } from './delegationText';
import { delegates, grant, GRANTS, RIGHTS, take, type Delegate, type Right } from './grants';

const useStyles = makeStyles({
  block: { display: 'flex', flexDirection: 'column', gap: '10px', padding: '16px', outlineStyle: 'none', border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge },
  head: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold, display: 'flex', gap: '8px', alignItems: 'baseline' },
  quiet: { color: tokens.colorNeutralForeground3, fontWeight: tokens.fontWeightRegular },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  row: { display: 'flex', alignItems: 'center', gap: '10px', minHeight: '40px', overflowWrap: 'anywhere' },
  grow: { flexGrow: 1, minWidth: 0 },
  add: { display: 'flex', gap: '8px', alignItems: 'end', flexWrap: 'wrap' },
});

async function holders(right: Right, mailbox: Mailbox): Promise<string[]> {
  if (right === 'FullAccess') return (await runCmdlet<'Get-MailboxPermission', MailboxGrant>('Get-MailboxPermission', { Identity: mailbox.Guid })).rows.map((g) => g.User);
  if (right === 'SendAs') return (await runCmdlet<'Get-RecipientPermission', SendAsGrant>('Get-RecipientPermission', { Identity: mailbox.Guid })).rows.map((g) => g.Trustee);
  return (await runCmdlet<'Get-Mailbox', Mailbox>('Get-Mailbox', { Identity: mailbox.Guid })).rows.flatMap((m) => m.GrantSendOnBehalfTo);
}
const KEY = { FullAccess: 'Get-MailboxPermission', SendAs: 'Get-RecipientPermission', OnBehalf: 'Get-Mailbox' } as const satisfies Record<Right, string>;

export function DelegationDrawer({ mailboxes, onClose }: { mailboxes: Mailbox[]; onClose: () => void }) {
  const title = d('title', { n: mailboxes.length });
  return (
    <DetailsDrawer open={mailboxes.length > 0} title={title} name={title} subtitle={<SafeText text={mailboxes.map((m) => m.DisplayName).join(', ')} />} onClose={onClose}>
      <Delegation mailboxes={mailboxes} />
    </DetailsDrawer>
  );
}

export function Delegation({ mailboxes }: { mailboxes: Mailbox[] }) {
  const reads = mailboxes.flatMap((mailbox) => RIGHTS.map((right) => ({ cmdlet: KEY[right], parameters: { Identity: mailbox.PrimarySmtpAddress } })));
  return (
    <>
      {RIGHTS.map((right) => <Block key={right} right={right} mailboxes={mailboxes} />)}
      <CommandPreview changes={reads} />
    </>
  );
}

function Block({ right, mailboxes }: { right: Right; mailboxes: Mailbox[] }) {
  const styles = useStyles();
  const can = useCan();
  const [people, setPeople] = useState<string[]>([]);
  useUnsaved(people.length > 0);
  const [taking, setTaking] = useState<Delegate | null>(null);
  const [added, setAdded] = useState('');
  const block = useRef<HTMLElement>(null);
  const run = useRun(READS);
  const typed = useTypedFields();
  const answers = useQueries({ queries: mailboxes.map((mailbox) => ({ queryKey: [KEY[right], 'holders', mailbox.Guid], queryFn: () => holders(right, mailbox) })) });
  const error = answers.find((a) => a.error)?.error as ApiError | undefined;
  const held = delegates(mailboxes.map((mailbox, i) => ({ mailbox, who: answers[i]?.data ?? [] })));
  const may = can(GRANTS[right]);
  const changes = grant(right, mailboxes, people);
  const add = () => typed.settle() && run.mutate(changes, { onSuccess: () => { setAdded(d('added', { n: people.length })); setPeople([]); } });
  // The button that was pressed is gone with its line.
  const done = () => {
    setTaking(null);
    setTimeout(() => block.current?.focus(), 0);
  };
  return (
    <section ref={block} tabIndex={-1} className={styles.block} aria-label={d(right)}>
      <h3 className={styles.head}>{d(right)} <Text size={200} className={styles.quiet}>{held.length}</Text></h3>
      <Text size={200} className={styles.quiet}>{d(`${right}Lead`)}</Text>
      <ErrorBar title={d('read')} error={error} />
      {answers.some((a) => a.isPending) ? <Loading /> : held.length === 0 ? <Text>{d('nobody')}</Text> : (
        <ul className={styles.list} aria-label={d(right)}>
          {held.map((delegate) => (
            <li key={delegate.who} className={styles.row}>
              <Avatar aria-hidden name={visible(delegate.who)} size={28} color="colorful" />
              <span className={styles.grow}><SafeText text={delegate.who} /></span>
              {mailboxes.length > 1 && <Text size={200} className={styles.quiet}>{d('on', { n: delegate.on.length, of: mailboxes.length })}</Text>}
              {may && <Button size="small" appearance="subtle" icon={<Icon name="close" size={16} />} aria-label={d('take', { who: visible(delegate.who) })} onClick={() => setTaking(delegate)} />}
            </li>
          ))}
        </ul>
      )}
      {may && (
        <>
          <div className={styles.add}>
            <div className={styles.grow}><TypedFields value={typed.fields}><DirectoryPicker label={d('add')} kinds={TRUSTEES} value={people} onChange={(next) => { setPeople(next); setAdded(''); }} without={held.filter((h) => h.on.length === mailboxes.length).map((h) => h.who)} /></TypedFields></div>
            <Button appearance="primary" disabledFocusable={people.length === 0 || run.isPending} aria-label={`${d('addNow')}: ${d(right)}`} onClick={add}>{run.isPending ? d('adding') : d('addNow')}</Button>
          </div>
          <ErrorBar title={d('failed')} error={run.error} />
          <Text size={200} role="status">{added}</Text>
          {people.length > 0 && <CommandPreview changes={changes} />}
        </>
      )}
      {taking && (
        <ConfirmDialog
          title={d('removeTitle', { who: visible(taking.who) })} text={d('removeText', { n: taking.on.length })} confirm={d('removeConfirm')} refreshes={READS} onClose={() => setTaking(null)} onDone={done}
          ways={[{ id: 'take', label: '', changes: take(right, taking) }]}
        />
      )}
    </section>
  );
}
