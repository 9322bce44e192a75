// What a row unfolds into: below it, as wide as the part of the list in sight, as high as it needs.
import { useEffect, useRef, type ReactNode } from 'react';
import { makeStyles, tokens } from '@fluentui/react-components';
import { visible } from '@kit/safe/visible';

const useStyles = makeStyles({
  row: { position: 'absolute', insetInlineStart: 0, width: '100%' },
  // Stays in sight when the columns are scrolled sideways.
  cell: { position: 'sticky', insetInlineStart: 0, width: '100cqw', maxWidth: '100%', boxSizing: 'border-box', padding: '12px 20px 16px 32px', backgroundColor: tokens.colorNeutralBackground2, borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, cursor: 'auto', '@media (max-width: 640px)': { paddingInline: '12px' } },
});

interface Props { top: number; columns: number; name: string; onHeight: (height: number) => void; children: ReactNode }

export function Unfolded({ top, columns, name, onHeight, children }: Props) {
  const styles = useStyles();
  const cell = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const seen = new ResizeObserver(() => onHeight(cell.current?.offsetHeight ?? 0));
    if (cell.current) seen.observe(cell.current);
    return () => {
      seen.disconnect();
      onHeight(0);
    };
  }, [onHeight]);
  return (
    <div role="row" className={styles.row} style={{ top }}>
      <div ref={cell} role="gridcell" aria-colspan={columns} className={styles.cell}>
        <section aria-label={visible(name)}>{children}</section>
      </div>
    </div>
  );
}
