// How a list looks. It is a layer of its own with nothing to be seen through it, rows stand where they are by `top`, and none reaches beyond its
// box: while it scrolls the browser then lays out and paints only the rows that are new.
import { makeStyles, tokens } from '@fluentui/react-components';

/** Height of the head and of a row, in pixels. */
export const HEAD = 40;
export const ROW = 36;
export const SELECT_WIDTH = 40;
const LATE_MS = 150;

export const useGridStyles = makeStyles({
  root: { position: 'relative', display: 'flex', flexDirection: 'column', minHeight: '200px', flexGrow: 1, minWidth: 0 },
  scroll: { flexGrow: 1, flexBasis: 0, minHeight: '160px', overflow: 'auto', outlineStyle: 'none', position: 'relative', contain: 'strict', containerType: 'inline-size', willChange: 'transform', backgroundColor: tokens.colorNeutralBackground1, ':focus-visible': { boxShadow: `inset 0 0 0 2px ${tokens.colorStrokeFocus2}` } },
  // Nothing found: what says so stands right below the head.
  bare: { flexGrow: 0, flexBasis: `${HEAD + 16}px`, minHeight: `${HEAD + 16}px` },
  inner: { position: 'relative', minWidth: '100%', '& > :last-child': { transitionProperty: 'opacity', transitionDuration: '100ms' } },
  // Only what takes long is seen to be under way: an answer in time changes the rows and nothing else.
  stale: { '& > :last-child': { opacity: 0.5, transitionDelay: `${LATE_MS}ms` } },
  spinner: { animationName: { from: { opacity: 0 }, to: { opacity: 0 } }, animationDuration: `${LATE_MS}ms` },
  head: { position: 'sticky', top: 0, zIndex: 1, display: 'grid', height: `${HEAD}px`, backgroundColor: tokens.colorNeutralBackground1, borderBottom: `1px solid ${tokens.colorNeutralStroke1}`, alignItems: 'stretch' },
  headCell: { display: 'flex', alignItems: 'center', minWidth: 0, fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase200 },
  headButton: { display: 'flex', alignItems: 'center', gap: '4px', width: '100%', height: '100%', minWidth: 0, padding: '0 8px', border: 'none', background: 'none', color: 'inherit', font: 'inherit', cursor: 'pointer', textAlign: 'start', ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover }, ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' } },
  headText: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  rows: { position: 'relative' },
  row: { position: 'absolute', insetInlineStart: 0, width: '100%', contain: 'layout style paint', display: 'grid', height: `${ROW}px`, alignItems: 'center', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, cursor: 'default', fontSize: tokens.fontSizeBase300, ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover } },
  rowOpens: { position: 'absolute', insetInlineStart: 0, width: '100%', contain: 'layout style paint', display: 'grid', height: `${ROW}px`, alignItems: 'center', borderBottom: `1px solid ${tokens.colorNeutralStroke3}`, cursor: 'pointer', fontSize: tokens.fontSizeBase300, ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover } },
  selected: { backgroundColor: tokens.colorNeutralBackground1Selected },
  open: { backgroundColor: tokens.colorBrandBackground2, boxShadow: `inset 3px 0 0 ${tokens.colorBrandStroke1}`, ':hover': { backgroundColor: tokens.colorBrandBackground2Hover } },
  active: { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  cell: { padding: '0 8px', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', minWidth: 0 },
  end: { textAlign: 'end', justifyContent: 'flex-end', fontVariantNumeric: 'tabular-nums' },
  check: { display: 'flex', alignItems: 'center', justifyContent: 'center', height: '100%' },
  box: { width: '16px', height: '16px', margin: 0, accentColor: tokens.colorBrandBackground, cursor: 'pointer' },
  note: { padding: '32px 16px', textAlign: 'center', color: tokens.colorNeutralForeground3 },
  above: { display: 'flex', alignItems: 'center', gap: '8px', minHeight: '32px', flexShrink: 0 },
  aboveNote: { flexGrow: 1, minWidth: 0 },
});
