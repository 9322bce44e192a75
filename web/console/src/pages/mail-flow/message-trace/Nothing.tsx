// "Not found" as an answer: the span and the places that were searched, what may be missing, what is nearest, and all of it to send on.
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { Copy } from '@kit/command/Copy';
import { useFolded } from '@kit/page/Folded';
import { SafeText } from '@kit/safe/SafeText';
import { readNothing, type Line } from './answer';
import { resultsPath } from './query';
import { t } from './text';

/** What was asked stands above the list already. */
const ASKED = 'Asked for:';

const useStyles = makeStyles({
  card: { textAlign: 'start', maxWidth: '880px', padding: '16px 20px', boxSizing: 'border-box', color: tokens.colorNeutralForeground1, border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge, backgroundColor: tokens.colorNeutralBackground1, display: 'flex', flexDirection: 'column', gap: '10px' },
  head: { display: 'flex', justifyContent: 'space-between', alignItems: 'flex-start', gap: '12px', flexWrap: 'wrap' },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: tokens.fontWeightSemibold },
  list: { margin: '2px 0 0', paddingInlineStart: '18px', display: 'flex', flexDirection: 'column', gap: '2px', color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
  link: { color: tokens.colorBrandForegroundLink, whiteSpace: 'nowrap' },
});

interface Props {
  /** The server's texts: one, or one for each question. */
  texts: string[][];
  /** What is said where the server gave no text. */
  span: string;
  hint?: string | null;
}

export function Nothing({ texts, span, hint }: Props) {
  const styles = useStyles();
  const sections = readNothing(texts);
  const whole = texts.some((text) => text.length > 0) ? texts.map((text) => text.join('\n')).join('\n\n') : `${t('none')}\n${span}`;
  return (
    <section className={styles.card} aria-label={t('none')}>
      <div className={styles.head}>
        <h2 className={styles.title}>{t('none')}</h2>
        <Copy text={whole} label={t('nothingText')} />
      </div>
      {sections.length === 0 && <Text>{span}</Text>}
      {sections.filter((section) => section.text !== ASKED).map((section) => (
        <div key={`${section.text} ${section.trace ?? ''}`}>
          <Text weight={section.items.length > 0 ? 'semibold' : 'regular'}><One line={section} /></Text>
          {section.items.length > 0 && <Items items={section.items} />}
        </div>
      ))}
      {hint && <Text>{hint}</Text>}
    </section>
  );
}

function Items({ items }: { items: Line[] }) {
  const styles = useStyles();
  const { shown, id, button } = useFolded(items);
  return <><ul id={id} className={styles.list}>{shown.map((item) => <li key={`${item.text} ${item.trace ?? ''}`}><One line={item} /></li>)}</ul>{button}</>;
}

function One({ line }: { line: Line }) {
  const styles = useStyles();
  return <><SafeText text={line.text} />{line.trace && <> <Link className={styles.link} to={resultsPath({ MessageTraceId: line.trace })}>{t('openMessage')}</Link></>}</>;
}
