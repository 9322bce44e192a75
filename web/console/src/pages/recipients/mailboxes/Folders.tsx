// The folders of a mailbox with counts and sizes.
import { makeStyles, Table, TableBody, TableCell, TableHeader, TableHeaderCell, TableRow, Text, tokens } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { showBytes } from '@kit/forms/sizeText';
import { numberText } from '@i18n/t';
import { ErrorBar } from '@kit/page/ErrorBar';
import { CommandPreview } from '@kit/command/CommandPreview';
import { Loading } from '@kit/page/Loading';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import type { Folder, Mailbox } from '../shared/shapes';
import { t } from './text';

const useStyles = makeStyles({
  box: { overflowX: 'auto' },
  table: { minWidth: '560px', tableLayout: 'auto' },
  number: { textAlign: 'end', fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' },
  numberHead: { '& > *': { justifyContent: 'flex-end' } },
  name: { paddingBlock: '6px' },
  bar: { height: '4px', borderRadius: '2px', backgroundColor: tokens.colorBrandBackground, marginTop: '4px', minWidth: '2px' },
  total: { fontWeight: tokens.fontWeightSemibold },
});

const size = (f: Folder): number => f.FolderSize;

export function Folders({ mailbox }: { mailbox: Mailbox }) {
  const styles = useStyles();
  const zone = useZone();
  const answer = useCmdlet<'Get-MailboxFolderStatistics', Folder>('Get-MailboxFolderStatistics', { Identity: mailbox.Guid });
  const rows = answer.data?.rows ?? [];
  const sum = (of: (f: Folder) => number) => rows.reduce((all, f) => all + of(f), 0);
  const largest = Math.max(1, ...rows.map(size));
  if (answer.isPending) return <Loading />;
  return (
    <>
      <ErrorBar title={t('foldersFailed')} error={answer.error} onRetry={() => void answer.refetch()} />
      {answer.data && rows.length === 0 && <Text>{t('noFolders')}</Text>}
      {rows.length > 0 && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls sideways in a narrow window, and the keyboard must reach that
        <div className={styles.box} tabIndex={0} role="region" aria-label={t('folders')}>
          <Table size="small" className={styles.table} aria-label={t('folders')}>
            <TableHeader>
              <TableRow>
                <TableHeaderCell>{t('folder')}</TableHeaderCell>
                {(['items', 'unread', 'size'] as const).map((head) => <TableHeaderCell key={head} className={styles.numberHead}>{t(head)}</TableHeaderCell>)}
                <TableHeaderCell>{t('newest', { zone: zoneName(zone) })}</TableHeaderCell>
              </TableRow>
            </TableHeader>
            <TableBody>
              {rows.map((f) => (
                <TableRow key={f.FolderId}>
                  <TableCell className={styles.name}><SafeText text={f.FolderPath} />{size(f) > 0 && <div className={styles.bar} style={{ width: `${(size(f) / largest) * 100}%` }} />}</TableCell>
                  <TableCell className={styles.number}>{numberText(f.ItemsInFolder)}</TableCell>
                  <TableCell className={styles.number}>{numberText(f.UnreadItemsInFolder)}</TableCell>
                  <TableCell className={styles.number}>{showBytes(size(f))}</TableCell>
                  <TableCell>{showTime(f.NewestItemReceivedDate, zone)}</TableCell>
                </TableRow>
              ))}
              <TableRow className={styles.total}>
                <TableCell>{t('total')}</TableCell>
                <TableCell className={styles.number}>{numberText(sum((f) => f.ItemsInFolder))}</TableCell>
                <TableCell className={styles.number}>{numberText(sum((f) => f.UnreadItemsInFolder))}</TableCell>
                <TableCell className={styles.number}>{showBytes(sum(size))}</TableCell>
                <TableCell />
              </TableRow>
            </TableBody>
          </Table>
        </div>
      )}
      <CommandPreview changes={[{ cmdlet: 'Get-MailboxFolderStatistics', parameters: { Identity: mailbox.Guid } }]} />
    </>
  );
}
