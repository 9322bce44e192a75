// Lines of a log under a title; there may be many, so they scroll.
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { SafeText } from '@kit/safe/SafeText';

const useStyles = makeStyles({
  lines: { margin: 0, padding: '10px 12px', maxHeight: '260px', overflow: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase300, backgroundColor: tokens.colorNeutralBackground3, borderRadius: tokens.borderRadiusMedium },
  block: { display: 'flex', flexDirection: 'column', gap: '6px' },
});

export function Lines({ title, lines }: { title: string; lines: string[] }) {
  const styles = useStyles();
  if (lines.length === 0) return null;
  return (
    <div className={styles.block}>
      <Text weight="semibold">{title}</Text>
      {/* As long as it likes: the keyboard scrolls it. */}
      <div className={styles.lines} role="region" aria-label={title} tabIndex={0}>{lines.map((line, i) => <div key={`${i} ${line}`}><SafeText text={line} /></div>)}</div>
    </div>
  );
}
