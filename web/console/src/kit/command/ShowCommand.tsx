// Shows what a page does as a line for the shell and one for curl, ready to copy.
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useSession } from '@api/session';
import { defineText } from '@i18n/t';
import type { Command } from '@kit/page/Page';
import { visible } from '@kit/safe/visible';
import { Copy } from './Copy';
import { curlLine, shellLine } from './line';

const t = defineText('show-command', {
  title: 'Show command',
  lead: 'What this page shows, to type or to put into a script.',
  shell: 'In postroom shell, or after postroom on a command line',
  curl: 'Over HTTP',
  close: 'Close',
});

const useStyles = makeStyles({
  surface: { maxWidth: '760px' },
  content: { display: 'flex', flexDirection: 'column', gap: '16px' },
  head: { display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: '8px' },
  line: { margin: 0, padding: '12px 14px', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase300, lineHeight: tokens.lineHeightBase400, backgroundColor: tokens.colorNeutralBackground3, borderRadius: tokens.borderRadiusMedium, border: `1px solid ${tokens.colorNeutralStroke2}` },
});

function Line({ label, line, name }: { label: string; line: string; name: string }) {
  const styles = useStyles();
  return (
    <div>
      <div className={styles.head}>
        <Text weight="semibold">{label}</Text>
        <Copy text={line} label={label} />
      </div>
      <pre className={styles.line} data-line={name} dir="ltr">{visible(line)}</pre>
    </div>
  );
}

export default function ShowCommand({ command, onClose }: { command: Command; onClose: () => void }) {
  const styles = useStyles();
  const session = useSession();
  const calls = [command.parameters ?? {}, ...(command.also ?? [])];
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{t('title')}</DialogTitle>
          <DialogContent className={styles.content}>
            <Text>{t('lead')}</Text>
            <Line name="shell" label={t('shell')} line={calls.map((parameters) => shellLine(command.cmdlet, parameters)).join('\n')} />
            <Line name="curl" label={t('curl')} line={calls.map((parameters) => curlLine(command.cmdlet, parameters, session.name || undefined)).join('\n')} />
          </DialogContent>
          <DialogActions><Button appearance="primary" onClick={onClose}>{t('close')}</Button></DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
