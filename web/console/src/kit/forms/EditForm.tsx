// A form that changes one object: what was changed is sent, what the server says against it stands at its field.
import { useMemo, useState, type ReactNode } from 'react';
import { Button, makeStyles, MessageBar, MessageBarBody, tokens } from '@fluentui/react-components';
import { useForm, useWatch, type Control, type DefaultValues, type FieldPath, type FieldValues } from 'react-hook-form';
import type { ZodType } from 'zod';
import type { ApiError, CmdletName } from '@api/client';
import { useCan } from '@api/session';
import { defineText } from '@i18n/t';
import { CommandPreview } from '@kit/command/CommandPreview';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { useUnsaved } from '@kit/drawer/unsaved';
import { ErrorBar } from '@kit/page/ErrorBar';
import { changed } from './changes';
import { ReadOnly } from './fields';
import { fieldOf, resolve, wrongs } from './resolver';
import { TypedFields, useTypedFields } from './typed';
import { useRun } from './useRun';

const t = defineText('edit-form', { save: 'Save', discard: 'Discard', saving: 'Saving', saved: 'Saved.', failed: 'It was not saved', nothing: 'Nothing was changed.' });

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: '20px' },
  foot: { position: 'sticky', bottom: '-24px', marginBottom: '-24px', paddingBlock: '10px', display: 'flex', flexDirection: 'column', gap: '8px', backgroundColor: tokens.colorNeutralBackground1, borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  buttons: { display: 'flex', gap: '8px', flexWrap: 'wrap', alignItems: 'center' },
});

interface Props<V extends FieldValues> {
  /** The cmdlet that changes it, and whom. */
  cmdlet: CmdletName;
  identity: string;
  values: V;
  schema: ZodType<unknown, V>;
  /** What is sent; only what differs, if not given. */
  parameters?: (values: V, before: V) => Record<string, unknown>;
  refreshes: CmdletName[];
  children: (control: Control<V>, values: V) => ReactNode;
}

/** Discard begins anew: also what the fields keep for themselves goes. */
export function EditForm<V extends FieldValues>(props: Props<V>) {
  const [turn, setTurn] = useState(0);
  return <Form key={turn} {...props} onDiscard={() => setTurn(turn + 1)} />;
}

function Form<V extends FieldValues>({ cmdlet, identity, values, schema, parameters = (after, before) => changed(before, after), refreshes, children, onDiscard }: Props<V> & { onDiscard: () => void }) {
  const styles = useStyles();
  const readOnly = !useCan()(cmdlet);
  const resolver = useMemo(() => resolve<V>(schema), [schema]);
  const form = useForm<V>({ defaultValues: values as DefaultValues<V>, values, resolver, mode: 'onTouched', resetOptions: { keepDirtyValues: true } });
  const run = useRun(refreshes);
  const typed = useTypedFields();
  const [saved, setSaved] = useState(false);
  const [general, setGeneral] = useState<ApiError | null>(null);
  const { isDirty } = form.formState;
  useUnsaved(isDirty);
  const now = useWatch({ control: form.control }) as V;
  const changes = (after: V): Change[] => {
    const given = parameters(after, values);
    return Object.keys(given).length > 0 ? [{ cmdlet, parameters: { Identity: identity, ...given } }] : [];
  };
  const submit = form.handleSubmit(async (after) => {
    setGeneral(null);
    try {
      await run.mutateAsync(changes(after));
      form.reset(after);
      setSaved(true);
    } catch (caught) {
      const error = caught as ApiError;
      const field = fieldOf(error.message, Object.keys(values));
      if (field) form.setError(field as FieldPath<V>, { type: 'server', message: error.message }, { shouldFocus: true });
      else setGeneral(error);
    }
  });
  return (
    <form className={styles.form} noValidate onSubmit={(event) => { event.preventDefault(); if (typed.settle()) void submit(); }} onChange={() => setSaved(false)}>
      <ReadOnly value={readOnly}><TypedFields value={typed.fields}>{children(form.control, now)}</TypedFields></ReadOnly>
      {!readOnly && (
        <div className={styles.foot}>
          <ErrorBar title={t('failed')} error={general} />
          {saved && !isDirty && <MessageBar intent="success"><MessageBarBody>{t('saved')}</MessageBarBody></MessageBar>}
          {isDirty && <CommandPreview changes={changes(now)} wrong={wrongs(schema, now)} />}
          <div className={styles.buttons}>
            <Button appearance="primary" type="submit" disabledFocusable={!isDirty || run.isPending}>{run.isPending ? t('saving') : t('save')}</Button>
            <Button type="button" disabledFocusable={!isDirty || run.isPending} onClick={onDiscard}>{t('discard')}</Button>
          </div>
        </div>
      )}
    </form>
  );
}
