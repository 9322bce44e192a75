// A wizard beside the list: steps one after another, a review at the end, nothing done before its last button.
import { useMemo, useState, type ComponentType, type ReactNode } from 'react';
import { Button, Drawer, DrawerBody, DrawerFooter, DrawerHeader, DrawerHeaderTitle, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { useForm, useWatch, type Control, type DefaultValues, type FieldPath, type FieldValues } from 'react-hook-form';
import type { ZodType } from 'zod';
import type { ApiError, CmdletName } from '@api/client';
import { defineText } from '@i18n/t';
import { CommandPreview } from '@kit/command/CommandPreview';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { Facts, type Fact } from '@kit/drawer/Facts';
import { useLeave } from '@kit/drawer/unsaved';
import { fieldOf, resolve } from '@kit/forms/resolver';
import { TypedFields, useTypedFields } from '@kit/forms/typed';
import { useRun } from '@kit/forms/useRun';
import { Icon } from '@kit/icons';
import { ErrorBar } from '@kit/page/ErrorBar';

const t = defineText('wizard', {
  back: 'Back', next: 'Next', cancel: 'Cancel', close: 'Close', working: 'Working', steps: 'Steps', step: 'Step {at} of {of}: {title}', review: 'Review', reviewLead: 'Nothing is done yet. Check what will be made.',
  failed: 'It could not be done',
});

export interface StepProps<V extends FieldValues> { control: Control<V> }
/** `fields` are checked before the next step is shown. */
export interface Step<V extends FieldValues> { id: string; title: string; lead?: string; fields: FieldPath<V>[]; Content: ComponentType<StepProps<V>> }

interface Props<V extends FieldValues> {
  title: string;
  finish: string;
  start: V;
  schema: ZodType<unknown, V>;
  steps: (values: V) => Step<V>[];
  review: (values: V) => Fact[];
  changes: (values: V) => Change[];
  /** What can be tried at the review, before anything is made. */
  trial?: (values: V) => ReactNode;
  refreshes: CmdletName[];
  onClose: () => void;
  onDone: (values: V, warnings: string[]) => void;
}

const useStyles = makeStyles({
  drawer: { width: 'min(880px, 100vw)', maxWidth: '100vw', boxSizing: 'border-box' },
  form: { display: 'flex', flexDirection: 'column', flexGrow: 1, minHeight: 0, width: '100%' },
  body: { display: 'grid', gridTemplateColumns: '190px minmax(0, 1fr)', columnGap: '32px', alignContent: 'start', paddingTop: '16px', paddingBottom: '24px', '@media (max-width: 700px)': { gridTemplateColumns: '1fr', rowGap: '16px' } },
  steps: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '4px', '@media (max-width: 700px)': { display: 'none' } },
  step: { display: 'flex', alignItems: 'center', gap: '10px', padding: '6px 8px', color: tokens.colorNeutralForeground3, borderRadius: tokens.borderRadiusMedium },
  now: { color: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold, backgroundColor: tokens.colorNeutralBackground1Selected },
  mark: { width: '22px', height: '22px', flexShrink: 0, boxSizing: 'border-box', borderRadius: '50%', display: 'flex', alignItems: 'center', justifyContent: 'center', fontSize: tokens.fontSizeBase200, border: `1px solid ${tokens.colorNeutralStrokeAccessible}` },
  markDone: { border: 'none', color: tokens.colorNeutralForegroundOnBrand, backgroundColor: tokens.colorBrandBackground },
  content: { display: 'flex', flexDirection: 'column', gap: '16px', minWidth: 0 },
  heading: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500, fontWeight: tokens.fontWeightSemibold },
  lead: { color: tokens.colorNeutralForeground3 },
  footer: { borderTop: `1px solid ${tokens.colorNeutralStroke2}`, flexWrap: 'wrap' },
});

export function Wizard<V extends FieldValues>({ title, finish, start, schema, steps: stepsOf, review, changes, trial, refreshes, onClose, onDone }: Props<V>) {
  const styles = useStyles();
  const resolver = useMemo(() => resolve<V>(schema), [schema]);
  const form = useForm<V>({ defaultValues: start as DefaultValues<V>, resolver, mode: 'onTouched' });
  const run = useRun(refreshes);
  const { leave, question } = useLeave(form.formState.isDirty, true, onClose);
  const close = () => leave(onClose);
  const typed = useTypedFields();
  const [at, setAt] = useState(0);
  const [general, setGeneral] = useState<ApiError | null>(null);
  const values = useWatch({ control: form.control }) as V;
  const steps = stepsOf(values);
  const step = steps[at];
  const titles = [...steps.map((s) => s.title), t('review')];

  const next = async () => {
    if (step && typed.settle() && (await form.trigger(step.fields, { shouldFocus: true }))) setAt(at + 1);
  };
  const make = form.handleSubmit(async (all) => {
    setGeneral(null);
    try {
      onDone(all, await run.mutateAsync(changes(all)));
    } catch (caught) {
      const error = caught as ApiError;
      const field = fieldOf(error.message, Object.keys(all));
      const owner = steps.findIndex((s) => field && s.fields.includes(field as FieldPath<V>));
      setGeneral(error);
      if (field && owner >= 0) {
        setAt(owner);
        form.setError(field as FieldPath<V>, { type: 'server', message: error.message });
      }
    }
  });
  return (
    <Drawer type="overlay" position="end" modalType="modal" open onOpenChange={(_, data) => !data.open && close()} className={styles.drawer} aria-label={title}>
      <DrawerHeader>
        <DrawerHeaderTitle action={<Button appearance="subtle" icon={<Icon name="close" />} aria-label={t('close')} onClick={close} />}>{title}</DrawerHeaderTitle>
      </DrawerHeader>
      <form className={styles.form} noValidate onSubmit={(event) => { event.preventDefault(); void (step ? next() : make()); }}>
        <DrawerBody className={styles.body} tabIndex={0}>
          <ol className={styles.steps} aria-label={t('steps')}>
            {titles.map((name, i) => (
              <li key={name} className={mergeClasses(styles.step, i === at && styles.now)} aria-current={i === at ? 'step' : undefined}>
                <span className={mergeClasses(styles.mark, i < at && styles.markDone)} aria-hidden>{i < at ? '✓' : i + 1}</span>{name}
              </li>
            ))}
          </ol>
          <div className={styles.content}>
            <h3 className={styles.heading} aria-label={t('step', { at: at + 1, of: titles.length, title: titles[at] ?? '' })}>{titles[at]}</h3>
            {step ? (
              <>
                {step.lead && <Text className={styles.lead}>{step.lead}</Text>}
                <ErrorBar title={t('failed')} error={general} />
                <TypedFields value={typed.fields}><step.Content control={form.control} /></TypedFields>
              </>
            ) : (
              <>
                <Text className={styles.lead}>{t('reviewLead')}</Text>
                <Facts facts={review(values)} />
                <CommandPreview changes={changes(values)} />
                {trial?.(values)}
                <ErrorBar title={t('failed')} error={general} />
              </>
            )}
          </div>
        </DrawerBody>
        <DrawerFooter className={styles.footer}>
          {at > 0 && <Button type="button" disabledFocusable={run.isPending} onClick={() => setAt(at - 1)}>{t('back')}</Button>}
          <Button key={step ? 'next' : 'finish'} type="submit" appearance="primary" disabledFocusable={run.isPending}>{run.isPending ? t('working') : step ? t('next') : finish}</Button>
          <Button type="button" onClick={onClose}>{t('cancel')}</Button>
        </DrawerFooter>
      </form>
      {question}
    </Drawer>
  );
}
