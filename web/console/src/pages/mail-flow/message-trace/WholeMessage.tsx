// A whole message as a tree: groups with their members, forwards, and what became of each.
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { Status } from '@kit/page/Status';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { localTimes } from '@kit/time/zone';
import { resultsPath } from './query';
import { rowKey, shownStatus, type TraceTree, type TreeNode } from './shapes';
import { t } from './text';

const useStyles = makeStyles({
  counts: { display: 'flex', gap: '8px', flexWrap: 'wrap' },
  list: { listStyleType: 'none', margin: 0, paddingInlineStart: '20px' },
  top: { paddingInlineStart: 0 },
  item: { borderInlineStartWidth: '2px', borderInlineStartStyle: 'solid', borderInlineStartColor: tokens.colorNeutralStroke2, paddingInlineStart: '14px', paddingBlock: '6px' },
  line: { display: 'flex', gap: '4px 10px', alignItems: 'center', flexWrap: 'wrap' },
  detail: { color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere', display: 'block' },
  link: { color: tokens.colorBrandForegroundLink, fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere' },
  current: { backgroundColor: tokens.colorBrandBackground2 },
});

export function WholeMessage({ tree, current }: { tree: TraceTree; current: string }) {
  const styles = useStyles();
  return (
    <>
      <Text weight="semibold">{t('treeOf')}</Text>
      <div className={styles.counts}>{Object.entries(tree.Counts).map(([status, n]) => <span key={status} className={styles.line}><Status status={status} /><strong>{n}</strong></span>)}</div>
      <ul className={`${styles.list} ${styles.top}`}>{tree.Nodes.map((node) => <Branch key={node.RecipientAddress} node={node} id={tree.MessageTraceId} current={current} />)}</ul>
      {tree.Linked.length > 0 && (
        <>
          <Text weight="semibold">{t('treeLinked')}</Text>
          <ul className={`${styles.list} ${styles.top}`}>
            {tree.Linked.map((linked) => <Linked key={linked.MessageTraceId} linked={linked} />)}
          </ul>
        </>
      )}
    </>
  );
}

const RELATIONS = ['Report', 'RuleForward', 'AgentCopy', 'Journal', 'Origin'] as const;

/** A message of its own that belongs to this one, and who got it. */
function Linked({ linked }: { linked: TraceTree['Linked'][number] }) {
  const styles = useStyles();
  const relation = RELATIONS.find((known) => known === linked.Relation);
  const what = relation ? t(relation) : (linked.Relation ?? '');
  return (
    <li className={styles.item}>
      <div className={styles.line}>
        <Text>{linked.Basis === 'Probable' ? t('probably', { what }) : what}</Text>
        <Link className={styles.link} to={resultsPath({ MessageTraceId: linked.MessageTraceId })}>{linked.Subject ? <SafeText text={linked.Subject} /> : t('noSubject')}</Link>
      </div>
      <ul className={styles.list}>
        {(linked.Recipients ?? []).map((to) => <li key={to.RecipientAddress} className={styles.item}><div className={styles.line}><SafeText text={to.RecipientAddress} /><Status status={to.Status} /></div></li>)}
      </ul>
    </li>
  );
}

function Branch({ node, id, current }: { node: TreeNode; id: string; current: string }) {
  const styles = useStyles();
  const zone = useZone();
  const here = node.RecipientAddress === current;
  return (
    <li className={styles.item}>
      <div className={here ? `${styles.line} ${styles.current}` : styles.line} aria-current={here ? 'true' : undefined}>
        <Link className={styles.link} to={`${resultsPath({ MessageTraceId: id })}&open=${encodeURIComponent(rowKey({ MessageTraceId: id, RecipientAddress: node.RecipientAddress }))}`}><SafeText text={node.RecipientAddress} /></Link>
        <Status status={shownStatus(node)} />
        {node.ShownBefore && <Text size={200}>{t('shownBefore')}</Text>}
      </div>
      {node.Detail && <Text size={200} className={styles.detail}><SafeText text={localTimes(node.Detail, zone)} /></Text>}
      {node.Nodes.length > 0 && <ul className={styles.list}>{node.Nodes.map((child) => <Branch key={child.RecipientAddress} node={child} id={id} current={current} />)}</ul>}
    </li>
  );
}
