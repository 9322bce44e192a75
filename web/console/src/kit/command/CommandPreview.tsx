// The cmdlets an action is about to run, as lines for the shell and for curl, folded away until somebody wants them.
import { Accordion, AccordionHeader, AccordionItem, AccordionPanel, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useSession } from '@api/session';
import { defineText } from '@i18n/t';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { visible } from '@kit/safe/visible';
import { Copy } from './Copy';
import { curlLine, shellLine } from './line';

const t = defineText('command-preview', { title: 'Show command', shell: 'In postroom shell', curl: 'Over HTTP', none: 'Nothing to do yet.', wrong: 'The line comes as soon as the form can be sent: {wrong}' });

const useStyles = makeStyles({
  panel: { margin: 0, paddingBottom: '8px', display: 'flex', flexDirection: 'column', gap: '4px' },
  head: { display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: '8px' },
  lines: { margin: 0, padding: '10px 12px', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase300, backgroundColor: tokens.colorNeutralBackground3, borderRadius: tokens.borderRadiusMedium, border: `1px solid ${tokens.colorNeutralStroke2}` },
});

/** `curl`: the line over HTTP where it is not that of the cmdlets; `wrong`: what keeps a form from being sent as it stands. */
export function CommandPreview({ changes, curl, wrong = [] }: { changes: Change[]; curl?: string; wrong?: string[] }) {
  const styles = useStyles();
  const session = useSession();
  const shell = changes.map((c) => shellLine(c.cmdlet, c.parameters)).join('\n');
  const overHttp = curl ?? changes.map((c) => curlLine(c.cmdlet, c.parameters, session.name || undefined)).join('\n');
  return (
    <Accordion collapsible>
      <AccordionItem value="lines">
        <AccordionHeader size="small">{t('title')}</AccordionHeader>
        <AccordionPanel className={styles.panel}>
          {wrong.length > 0 || changes.length === 0 ? <Text size={200}>{wrong.length > 0 ? t('wrong', { wrong: wrong.join(' · ') }) : t('none')}</Text> : (
            <>
              <div className={styles.head}><Text size={200}>{t('shell')}</Text><Copy text={shell} label={t('shell')} /></div>
              <pre className={styles.lines} data-lines="shell" dir="ltr">{visible(shell)}</pre>
              <div className={styles.head}><Text size={200}>{t('curl')}</Text><Copy text={overHttp} label={t('curl')} /></div>
              <pre className={styles.lines} data-lines="curl" dir="ltr">{visible(overHttp)}</pre>
            </>
          )}
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}
