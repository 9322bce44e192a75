// Which rules acted, and which were only looked at: the log's timing records are no proof that a rule did anything.
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { SafeText } from '@kit/safe/SafeText';
import type { Rule } from './shapes';
import { t } from './text';
import { words } from './words';

const useStyles = makeStyles({
  list: { margin: 0, paddingInlineStart: '20px', display: 'flex', flexDirection: 'column', gap: '6px', overflowWrap: 'anywhere' },
  h2: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
});

function List({ title, rules }: { title: string; rules: Rule[] }) {
  const styles = useStyles();
  if (rules.length === 0) return null;
  return (
    <>
      <h2 className={styles.h2}>{title}</h2>
      <ul className={styles.list}>{rules.map((rule) => <li key={JSON.stringify(rule)}><SafeText text={words(rule)} /></li>)}</ul>
    </>
  );
}

export function Rules({ matched, evaluated }: { matched: Rule[]; evaluated: Rule[] }) {
  return (
    <>
      {matched.length + evaluated.length === 0 && <Text>{t('noRules')}</Text>}
      <List title={t('matched')} rules={matched} />
      <List title={t('evaluated')} rules={evaluated} />
    </>
  );
}
