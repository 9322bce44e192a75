// The role groups a user is in: into another, and out of one.
import { useRef, useState } from 'react';
import { Button, Field, makeStyles, Select, Text, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { CommandPreview } from '@kit/command/CommandPreview';
import { ConfirmDialog, type Change } from '@kit/confirm/ConfirmDialog';
import { useRun } from '@kit/forms/useRun';
import { Icon } from '@kit/icons';
import { useUnsaved } from '@kit/drawer/unsaved';
import { ErrorBar } from '@kit/page/ErrorBar';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { READS, type RoleGroup, type User } from './data';
import { t } from './text';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  row: { display: 'flex', alignItems: 'center', gap: '10px', minHeight: '48px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
  grow: { flexGrow: 1, minWidth: 0, display: 'flex', flexDirection: 'column', overflowWrap: 'anywhere' },
  link: { color: tokens.colorBrandForegroundLink },
  quiet: { color: tokens.colorNeutralForeground3 },
  add: { display: 'flex', gap: '8px', alignItems: 'end', flexWrap: 'wrap' },
});

export function Groups({ user }: { user: User }) {
  const styles = useStyles();
  const can = useCan();
  const [adding, setAdding] = useState('');
  useUnsaved(adding !== '');
  const [taking, setTaking] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const run = useRun(READS);
  const answer = useCmdlet<'Get-RoleGroup', RoleGroup>('Get-RoleGroup', {}, { enabled: can('Get-RoleGroup') });
  const known = answer.data?.rows ?? [];
  const others = known.filter((g) => !user.RoleGroups.includes(g.Name));
  const changes: Change[] = adding ? [{ cmdlet: 'Add-RoleGroupMember', parameters: { Identity: adding, Member: user.Guid } }] : [];
  // The button that was pressed is gone with its line.
  const done = () => {
    setTaking(null);
    setTimeout(() => list.current?.focus(), 0);
  };
  return (
    <>
      {can('Add-RoleGroupMember') && (
        <>
          <div className={styles.add}>
            <Field className={styles.grow} label={t('addTo')}>
              <Select value={adding} onChange={(_, data) => setAdding(data.value)}>
                <option value="">{t('choose')}</option>
                {others.map((g) => <option key={g.Guid} value={g.Name}>{visible(g.Name)}</option>)}
              </Select>
            </Field>
            <Button appearance="primary" disabledFocusable={!adding || run.isPending} onClick={() => run.mutate(changes, { onSuccess: () => setAdding('') })}>{run.isPending ? t('adding') : t('addNow')}</Button>
          </div>
          {adding && <CommandPreview changes={changes} />}
          <ErrorBar title={t('addFailed')} error={run.error ?? answer.error} />
        </>
      )}
      <div ref={list} tabIndex={-1} style={{ outlineStyle: 'none' }}>
        {user.RoleGroups.length === 0 ? <Text>{t('inNone')}</Text> : (
          <ul className={styles.list} aria-label={t('groups')}>
            {user.RoleGroups.map((name) => {
              const group = known.find((g) => g.Name === name);
              return (
                <li key={name} className={styles.row}>
                  <span className={styles.grow}>
                    {group ? <Link className={styles.link} to={`/roles/role-groups?open=${group.Guid}`}><SafeText text={name} /></Link> : <SafeText text={name} />}
                    {group?.Description && <Text size={200} className={styles.quiet}><SafeText text={group.Description} /></Text>}
                  </span>
                  {can('Remove-RoleGroupMember') && <Button size="small" appearance="subtle" icon={<Icon name="close" size={16} />} aria-label={t('take', { group: visible(name) })} onClick={() => setTaking(name)} />}
                </li>
              );
            })}
          </ul>
        )}
      </div>
      {taking && (
        <ConfirmDialog
          title={t('takeTitle', { who: user.Name, group: taking })} text={t('takeText')} confirm={t('takeConfirm')} refreshes={READS} onClose={() => setTaking(null)} onDone={done}
          ways={[{ id: 'take', label: '', changes: [{ cmdlet: 'Remove-RoleGroupMember', parameters: { Identity: taking, Member: user.Guid } }] }]}
        />
      )}
    </>
  );
}
