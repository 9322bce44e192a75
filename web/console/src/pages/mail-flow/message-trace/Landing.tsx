// Where a trace starts: the search box, the saved queries, the reports.
import { Suspense, useState, type FormEvent } from 'react';
import { Button, Field, makeStyles, Spinner, Tab, TabList, Textarea, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { runCmdlet, type ApiError } from '@api/client';
import { useCan } from '@api/session';
import { useUrl } from '@kit/grid/useUrl';
import { Icon } from '@kit/icons';
import { ErrorBar } from '@kit/page/ErrorBar';
import { late, useSoon } from '@kit/page/late';
import { Page } from '@kit/page/Page';
import { useZone } from '@kit/shell/settings';
import { meantRow } from './answer';
import { Nothing } from './Nothing';
import { pastedSearch } from './pasted';
import { Queries } from './Queries';
import { useOwnOnly } from './own';
import { readFind, readOwnFind, resultsPath, type TraceParameters } from './query';
import { Reports } from './Reports';
import { rowKey, type TraceRow } from './shapes';
import { t } from './text';
import { asResults, FIRST_PAGE, resultsKey } from './useResults';

const TraceDrawer = late(() => import('./TraceDrawer'));
const KINDS = ['default', 'custom', 'autosaved'] as const;

const useStyles = makeStyles({
  find: { display: 'flex', flexDirection: 'column', gap: '8px', padding: '20px', borderRadius: tokens.borderRadiusLarge, backgroundColor: tokens.colorNeutralBackground2, border: `1px solid ${tokens.colorNeutralStroke2}`, maxWidth: '880px' },
  row: { display: 'flex', gap: '8px', alignItems: 'flex-start', flexWrap: 'wrap' },
  field: { flexGrow: 1, minWidth: 'min(100%, 320px)' },
  area: { width: '100%', '& textarea': { minHeight: '44px', maxHeight: '220px' } },
  link: { color: tokens.colorBrandForegroundLink, alignSelf: 'flex-start' },
  tabs: { borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, overflowX: 'auto', flexShrink: 0, marginTop: '8px' },
});

export function Landing() {
  const styles = useStyles();
  useSoon(TraceDrawer);
  const can = useCan();
  const own = useOwnOnly();
  const navigate = useNavigate();
  const [tab, setTab] = useUrl('tab');
  const [trace, setTrace] = useUrl('trace');
  const [start, setStart] = useState<TraceParameters | null>(null);
  const shown = tab ?? 'default';
  const openDrawer = (parameters: TraceParameters | null) => {
    setStart(parameters);
    setTrace('new', true);
  };
  return (
    <Page
      title={t('title')} lead={own ? t('ownLead') : t('lead')} command={{ cmdlet: own ? 'Get-MessageTrace' : 'Get-MessageTraceQuery' }}
      actions={[{ id: 'start', label: t('start'), icon: 'add', primary: true, run: () => openDrawer(null) }, ...(own ? [{ id: 'mine', label: t('ownMail'), icon: 'trace' as const, run: () => void navigate(resultsPath({ Last: '2.00:00:00' })) }] : [])]}
    >
      <Find own={own} />
      {!own && (
        <>
          <TabList className={styles.tabs} selectedValue={shown} onTabSelect={(_, data) => setTab(data.value === 'default' ? null : String(data.value))} aria-label={t('queryTabs')}>
            {KINDS.map((kind) => <Tab key={kind} value={kind}>{t(kind)}</Tab>)}
            {can('Get-HistoricalSearch') && <Tab value="reports">{t('reports')}</Tab>}
          </TabList>
          {shown === 'reports' ? <Reports /> : <Queries kind={shown === 'custom' ? 'Custom' : shown === 'autosaved' ? 'Autosaved' : 'Default'} onEdit={openDrawer} />}
        </>
      )}
      <Suspense fallback={null}>{trace && <TraceDrawer open title={t('newTrace')} parameters={start ?? {}} onClose={() => setTrace(null)} />}</Suspense>
    </Page>
  );
}

function Find({ own }: { own: boolean }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const zone = useZone();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [notes, setNotes] = useState<string[]>([]);
  const [error, setError] = useState<ApiError | null>(null);
  const [unread, setUnread] = useState('');
  const find = async (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() === '') return;
    const read = own ? { parameters: readOwnFind(text) } : readFind(text);
    if ('parameters' in read) {
      void navigate(resultsPath(read.parameters));
      return;
    }
    setBusy(true);
    setError(null);
    setUnread('');
    try {
      const search = { Paste: read.paste };
      const answer = await runCmdlet<'Get-MessageTrace', TraceRow>('Get-MessageTrace', { ...search, ResultSize: FIRST_PAGE, TimeZone: zone });
      if (answer.rows.length === 0) {
        setNotes([...answer.notes, ...answer.warnings]);
        setUnread(read.paste);
        return;
      }
      // What was found is shown as it is: the page of results asks no second time.
      queries.setQueryData(resultsKey(search, zone), asResults(answer));
      const meant = meantRow(answer.notes, answer.rows);
      void navigate(resultsPath({ ...pastedSearch(read.paste), open: meant ? rowKey(meant) : undefined }));
    } catch (failed) {
      setError(failed as ApiError);
      setUnread(read.paste);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.find} onSubmit={(event) => void find(event)} role="search" aria-label={t('find')}>
      <Field label={own ? t('ownFindLabel') : t('findLabel')} hint={own ? t('ownFindHint') : t('findHint')} className={styles.field}>
        <Textarea className={styles.area} value={text} resize="vertical" onChange={(_, data) => { setText(data.value); setNotes([]); setUnread(''); }} onKeyDown={(e) => { if (e.key === 'Enter' && !e.shiftKey && !text.includes('\n')) { e.preventDefault(); void find(); } }} />
      </Field>
      <div><Button type="submit" appearance="primary" icon={busy ? <Spinner size="tiny" aria-hidden /> : <Icon name="search" />} disabledFocusable={busy}>{busy ? t('searching') : t('search')}</Button></div>
      {notes.length > 0 && <Nothing texts={[notes]} span="" />}
      <ErrorBar title={t('resultsFailed')} error={error} />
      {unread !== '' && !unread.includes('\n') && <Link className={styles.link} to={resultsPath({ Subject: unread })}>{t('asSubject')}</Link>}
    </form>
  );
}
