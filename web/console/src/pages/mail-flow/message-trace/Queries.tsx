// Saved searches: built in, saved by name for all, and one's own last ten.
import { useState, type FormEvent } from 'react';
import { Button, Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { ConfirmDialog } from '@kit/confirm/ConfirmDialog';
import { Icon } from '@kit/icons';
import { ErrorBar } from '@kit/page/ErrorBar';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime } from '@kit/time/zone';
import { conditionWords } from './conditions';
import { resultsPath, type TraceParameters } from './query';
import type { SavedQuery } from './shapes';
import { t } from './text';

const useStyles = makeStyles({
  list: { display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 340px), 1fr))', gap: '12px', listStyleType: 'none', margin: 0, padding: 0 },
  card: { display: 'flex', flexDirection: 'column', gap: '6px', padding: '14px 16px', border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge, backgroundColor: tokens.colorNeutralBackground1 },
  what: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
  line: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
  needed: { display: 'flex', gap: '6px', alignItems: 'flex-end', flexWrap: 'wrap' },
  field: { flexGrow: 1, minWidth: '160px' },
  actions: { display: 'flex', gap: '4px', marginTop: 'auto', paddingTop: '6px', flexWrap: 'wrap', marginInlineStart: '-8px' },
});

export function Queries({ kind, onEdit }: { kind: 'Default' | 'Custom' | 'Autosaved'; onEdit: (parameters: TraceParameters) => void }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const can = useCan();
  const zone = useZone();
  const [removing, setRemoving] = useState<SavedQuery | null>(null);
  const answer = useCmdlet<'Get-MessageTraceQuery', SavedQuery>('Get-MessageTraceQuery', { Kind: kind });
  const rows = (answer.data?.rows ?? []).filter((query) => query.Kind === kind);
  return (
    <>
      <ErrorBar title={t('queriesFailed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {answer.data && rows.length === 0 && <Text>{kind === 'Custom' ? t('noCustom') : t('noAutosaved')}</Text>}
      <ul className={styles.list}>
        {rows.map((query) => (
          <li key={query.Identity} className={styles.card}>
            <Text weight="semibold" size={400}>{kind === 'Autosaved' ? showTime(query.WhenCreated, zone) : <SafeText text={query.Name} />}</Text>
            {query.Description && <Text className={styles.what}><SafeText text={query.Description.replace(/; give -.*$/, '.')} /></Text>}
            <Text className={styles.line}><SafeText text={conditionWords(query.Parameters, zone)} /></Text>
            {query.Needs && <Needed query={query} />}
            <div className={styles.actions}>
              {!query.Needs && <Button appearance="subtle" icon={<Icon name="play" size={16} />} onClick={() => void navigate(resultsPath(query.Parameters))}>{t('run')}</Button>}
              <Button appearance="subtle" icon={<Icon name="edit" size={16} />} onClick={() => onEdit(query.Parameters as TraceParameters)}>{t('edit')}</Button>
              {kind === 'Custom' && can('Remove-MessageTraceQuery') && <Button appearance="subtle" icon={<Icon name="remove" size={16} />} onClick={() => setRemoving(query)}>{t('remove')}</Button>}
            </div>
          </li>
        ))}
      </ul>
      {removing && (
        <ConfirmDialog title={t('removeTitle', { name: removing.Name })} text={t('removeText')} confirm={t('remove')} refreshes={['Get-MessageTraceQuery']} onClose={() => setRemoving(null)} onDone={() => setRemoving(null)}
          ways={[{ id: 'remove', label: t('remove'), changes: [{ cmdlet: 'Remove-MessageTraceQuery', parameters: { Identity: removing.Identity } }] }]} />
      )}
    </>
  );
}

/** What a query cannot run without is asked for where it stands. */
function Needed({ query }: { query: SavedQuery }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const [value, setValue] = useState('');
  const run = (event: FormEvent) => {
    event.preventDefault();
    if (value.trim() !== '') void navigate(resultsPath({ ...query.Parameters, [query.Needs ?? '']: value.trim().split(/[\s;,]+/) }));
  };
  const label = query.Needs === 'SenderAddress' ? t('neededSender') : t('neededRecipient');
  return (
    <form className={styles.needed} onSubmit={run}>
      <Field label={label} size="small" className={styles.field}><Input size="small" value={value} placeholder={query.Needs === 'SenderAddress' ? '*@fabrikam.example' : undefined} onChange={(_, data) => setValue(data.value)} /></Field>
      <Button type="submit" size="small" icon={<Icon name="play" size={16} />} disabledFocusable={value.trim() === ''}>{t('run')}</Button>
    </form>
  );
}
