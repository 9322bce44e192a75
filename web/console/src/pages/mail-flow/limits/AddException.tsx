// A mailbox gets limits of its own.
import { useState } from 'react';
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, makeStyles } from '@fluentui/react-components';
import { useForm, useWatch } from 'react-hook-form';
import { CommandPreview } from '@kit/command/CommandPreview';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { Pair, PeopleField, TextField } from '@kit/forms/fields';
import { resolve, wrongs } from '@kit/forms/resolver';
import { countField, sizeField } from '@kit/forms/sizes';
import { UNLIMITED } from '@kit/forms/sizeText';
import { TypedFields, useTypedFields } from '@kit/forms/typed';
import { useRun } from '@kit/forms/useRun';
import { z } from '@kit/forms/zod';
import { ErrorBar } from '@kit/page/ErrorBar';
import { MAILBOX_READS } from './LimitsForms';
import { t } from './text';

interface Form { Mailbox: string[]; MaxSendSize: string; MaxReceiveSize: string; RecipientLimits: string }
const START: Form = { Mailbox: [], MaxSendSize: UNLIMITED, MaxReceiveSize: UNLIMITED, RecipientLimits: UNLIMITED };
const makeSchema = () => z.object({ Mailbox: z.array(z.string()).min(1, t('needMailbox')), MaxSendSize: sizeField(), MaxReceiveSize: sizeField(), RecipientLimits: countField() });
const useStyles = makeStyles({ content: { display: 'flex', flexDirection: 'column', gap: '14px' } });

const changes = ({ Mailbox, ...limits }: Form): Change[] => Mailbox.map((Identity) => ({ cmdlet: 'Set-Mailbox', parameters: { Identity, ...limits } }));

export function AddException({ onClose, onDone }: { onClose: () => void; onDone: (said: string) => void }) {
  const styles = useStyles();
  const [schema] = useState(makeSchema);
  const { control, handleSubmit } = useForm<Form>({ defaultValues: START, resolver: resolve(schema), mode: 'onTouched' });
  const run = useRun(MAILBOX_READS);
  const typed = useTypedFields();
  const now = useWatch({ control }) as Form;
  const submit = handleSubmit((v) => run.mutate(changes(v), { onSuccess: () => onDone(t('gave', { name: v.Mailbox.join(', ') })) }));
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form noValidate onSubmit={(event) => { event.preventDefault(); if (typed.settle()) void submit(); }}>
          <DialogBody>
            <DialogTitle>{t('addException')}</DialogTitle>
            <DialogContent className={styles.content}>
              <TypedFields value={typed.fields}><PeopleField control={control} name="Mailbox" label={t('chooseMailbox')} kinds={['UserMailbox', 'SharedMailbox']} required single /></TypedFields>
              <Pair>
                <TextField control={control} name="MaxSendSize" label={t('maxSend')} hint={t('mailboxHint')} />
                <TextField control={control} name="MaxReceiveSize" label={t('maxReceive')} />
              </Pair>
              <TextField control={control} name="RecipientLimits" label={t('recipients')} />
              <CommandPreview changes={changes(now)} wrong={wrongs(schema, now)} />
              <ErrorBar title={t('addException')} error={run.error} />
            </DialogContent>
            <DialogActions>
              <Button appearance="primary" type="submit" disabledFocusable={run.isPending}>{t('given')}</Button>
              <Button type="button" onClick={onClose}>{t('close')}</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
