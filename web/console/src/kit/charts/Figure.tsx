// A picture with its title as a sentence; the same as a table, and as CSV, for who cannot or will not read pictures.
import { useId, useState, type ReactNode } from 'react';
import { Button, makeStyles, mergeClasses, Spinner, Table, TableBody, TableCell, TableHeader, TableHeaderCell, TableRow, Text, tokens } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { Icon } from '@kit/icons';
import { csv, download } from '@kit/page/download';

const t = defineText('figure', { table: 'View as table', picture: 'View as picture', csv: 'CSV', none: 'Nothing to show.', counting: 'Counting …', unknown: 'Not known: it could not be counted.' });

export interface FigureTable { heads: string[]; rows: (string | number)[][] }
/** Whether the numbers are there: being counted, or never to come. */
export type Ready = 'yes' | 'counting' | 'failed';
export const readiness = (answer: { data?: unknown; isError: boolean }): Ready => (answer.data !== undefined ? 'yes' : answer.isError ? 'failed' : 'counting');

interface Props { title: string; lead?: string; table: FigureTable; empty?: boolean; ready?: Ready; plain?: boolean; children: ReactNode }

const useStyles = makeStyles({
  figure: { margin: 0, display: 'flex', flexDirection: 'column', gap: '8px', minWidth: 0, padding: '16px', border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge, backgroundColor: tokens.colorNeutralBackground1 },
  plain: { padding: 0, borderTopStyle: 'none', borderBottomStyle: 'none', borderInlineStartStyle: 'none', borderInlineEndStyle: 'none' },
  head: { display: 'flex', alignItems: 'flex-start', gap: '8px', flexWrap: 'wrap' },
  title: { fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold, lineHeight: tokens.lineHeightBase400, margin: 0, flexGrow: 1, flexBasis: '60%', overflowWrap: 'anywhere' },
  lead: { color: tokens.colorNeutralForeground3 },
  tools: { display: 'flex', marginInlineStart: 'auto' },
  counting: { justifyContent: 'flex-start' },
  scroll: { overflowX: 'auto', minWidth: 0 },
});

export function Figure({ title, lead, table, empty, plain, ready = 'yes', children }: Props) {
  const styles = useStyles();
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className={plain ? mergeClasses(styles.figure, styles.plain) : styles.figure} aria-labelledby={id} aria-busy={ready === 'counting' || undefined}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>{title}</h2>
        {ready === 'yes' && (
          <div className={styles.tools}>
            <Button size="small" appearance="subtle" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>{asTable ? t('picture') : t('table')}</Button>
            <Button size="small" appearance="subtle" icon={<Icon name="download" size={16} />} aria-label={`${t('csv')}: ${title}`} onClick={() => download('figure.csv', csv(table.heads, table.rows))}>{t('csv')}</Button>
          </div>
        )}
      </div>
      {lead && <Text className={styles.lead} size={200}>{lead}</Text>}
      {ready === 'counting' ? <Spinner size="tiny" labelPosition="after" label={t('counting')} className={styles.counting} /> : ready === 'failed' ? <Text>{t('unknown')}</Text> : empty ? <Text>{t('none')}</Text> : asTable ? (
        <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby={id}>
          <Table size="small" aria-labelledby={id}>
            <TableHeader><TableRow>{table.heads.map((head) => <TableHeaderCell key={head}>{head}</TableHeaderCell>)}</TableRow></TableHeader>
            {/* Rows of a picture have no names of their own. */}
            {/* eslint-disable-next-line react/no-array-index-key */}
            <TableBody>{table.rows.map((row, i) => <TableRow key={i}>{row.map((cell, c) => <TableCell key={table.heads[c]}>{cell}</TableCell>)}</TableRow>)}</TableBody>
          </Table>
        </div>
      ) : children}
    </figure>
  );
}
