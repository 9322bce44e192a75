// The conditions of a search as tags, each with its own way out.
import { InteractionTag, InteractionTagPrimary, InteractionTagSecondary, makeStyles, Tag, TagGroup } from '@fluentui/react-components';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { inWords, isUsualSpan } from './conditions';
import type { TraceSearch } from './query';
import { t } from './text';

const useStyles = makeStyles({
  tags: { display: 'flex', flexWrap: 'wrap', gap: '6px' },
  tag: { maxWidth: '100%' },
  words: { overflow: 'hidden', textOverflow: 'ellipsis' },
});

/** The subject has its box, one status its tab: both stand above. */
export function Conditions({ search, onDrop }: { search: TraceSearch; onDrop: (name: string) => void }) {
  const styles = useStyles();
  const zone = useZone();
  const { Subject: _subject, Status, ...rest } = search;
  const shown = Object.entries({ ...rest, ...((Status ?? []).length > 1 ? { Status } : {}) }).flatMap(([name, value]) => {
    const words = inWords(name, value, search, zone);
    return words ? [{ name, words }] : [];
  });
  const usual = isUsualSpan(search);
  return (
    <>
      {usual && shown.length === 0 && <div className={styles.tags}><Usual /></div>}
      {shown.length > 0 && (
        <TagGroup className={styles.tags} aria-label={t('conditions')} onDismiss={(_, data) => onDrop(String(data.value))}>
          {usual && <Usual />}
          {shown.map(({ name, words }) => (
            <InteractionTag key={name} size="small" value={name} className={styles.tag}>
              <InteractionTagPrimary hasSecondaryAction className={styles.words}><SafeText text={words} /></InteractionTagPrimary>
              <InteractionTagSecondary aria-label={t('dropCondition', { name: words })} />
            </InteractionTag>
          ))}
        </TagGroup>
      )}
    </>
  );
}

/** No time was named: that the search has a span all the same must be seen. */
function Usual() {
  return <Tag size="small" appearance="outline" dismissible={false}>{t('usualTag')}</Tag>;
}
