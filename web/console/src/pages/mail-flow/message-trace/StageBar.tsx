// Received, Processed, Delivered: three steps with their times. Words and marks say what the colours say.
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import type { StageStep } from './shapes';
import { t } from './text';

const useStyles = makeStyles({
  bar: { display: 'grid', gridTemplateColumns: 'repeat(3, minmax(0, 1fr))', gap: '4px', listStyleType: 'none', margin: 0, padding: 0 },
  step: { minHeight: '54px', padding: '8px 12px 8px 26px', boxSizing: 'border-box', display: 'flex', flexDirection: 'column', justifyContent: 'center', clipPath: 'polygon(0 0, calc(100% - 14px) 0, 100% 50%, calc(100% - 14px) 100%, 0 100%, 14px 50%)', '@media (max-width: 480px)': { paddingInlineEnd: '12px', paddingInlineStart: '18px' } },
  turned: { clipPath: 'polygon(14px 0, 100% 0, calc(100% - 14px) 50%, 100% 100%, 14px 100%, 0 50%)', paddingInlineStart: '26px' },
  done: { backgroundColor: tokens.colorStatusSuccessBackground3, color: tokens.colorNeutralForegroundOnBrand, '@media (forced-colors: active)': { forcedColorAdjust: 'none', backgroundColor: 'Highlight', color: 'HighlightText' } },
  open: { backgroundColor: tokens.colorNeutralBackground4, color: tokens.colorNeutralForeground2 },
  failed: { backgroundColor: tokens.colorStatusDangerBackground3, color: tokens.colorNeutralForegroundOnBrand },
  name: { '@media (max-width: 480px)': { fontSize: tokens.fontSizeBase200 }, fontWeight: tokens.fontWeightSemibold, overflow: 'hidden', textOverflow: 'ellipsis' },
  time: { fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums' },
});

/** `ended`: nobody it stands for is waited for any more. */
export function StageBar({ steps, status, stage, ended = false }: { steps: StageStep[]; status: string; stage: string | null; ended?: boolean }) {
  const styles = useStyles();
  const zone = useZone();
  // What comes after a stage that failed is never reached.
  const failed = steps.findIndex((step) => step.State === 'Failed');
  const stopped = failed < 0 ? steps.length : failed;
  return (
    <ol className={styles.bar} aria-label={t('stages')}>
      {steps.map((step, i) => {
        const state = step.State === 'Done' ? 'done' : step.State === 'Failed' ? 'failed' : 'open';
        const last = i === steps.length - 1;
        const name = state === 'failed' && last ? t('NotDelivered') : state === 'failed' && i === 0 ? t('NotReceived') : last && stage === 'HandedOn' ? t('HandedOn') : t(step.Name as 'Received');
        return (
          <li key={step.Name} data-stage={step.Name} data-state={step.State} className={mergeClasses(styles.step, document.documentElement.dir === 'rtl' && styles.turned, state === 'done' && styles.done, state === 'open' && styles.open, state === 'failed' && styles.failed)}>
            <span className={styles.name}><span aria-hidden>{state === 'done' ? '✓ ' : state === 'failed' ? '✕ ' : '○ '}</span>{name}</span>
            <span className={styles.time}>
              {step.At ? <span title={zoneName(zone)}>{showTime(step.At, zone)}</span> : t(state === 'done' ? 'stageDone' : state === 'failed' ? 'stageFailed' : i > stopped ? 'stageNever' : last && ended ? 'stageNotAll' : 'stageOpen')}
              {(step.At || state !== 'done') && <span className="visually-hidden">{state === 'done' ? t('stageDone') : status}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
