// A new password for somebody who signs in: typed twice, shown to nobody, and not kept here.
import { useState } from 'react';
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, makeStyles, MessageBar, MessageBarBody, Text } from '@fluentui/react-components';
import { useForm, useWatch } from 'react-hook-form';
import type { CmdletName } from '@api/client';
import { defineText } from '@i18n/t';
import { CommandPreview } from '@kit/command/CommandPreview';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { TextField } from '@kit/forms/fields';
import { resolve, wrongs } from '@kit/forms/resolver';
import { useRun } from '@kit/forms/useRun';
import { z } from '@kit/forms/zod';
import { ErrorBar } from '@kit/page/ErrorBar';
import { SafeText } from '@kit/safe/SafeText';
import { PASSWORD_MIN } from './password';
import { words } from './text';

const t = defineText('recipients.set-password', {
  title: 'Set a password', lead: 'For whoever signs in as', rule: 'At least {n} characters. Tell it to the person in another way than by mail; who is signed in stays so until the session ends.', password: 'New password', again: 'The same once more', differs: 'The two are not the same.', set: 'Set the password', cancel: 'Cancel', close: 'Close', done: 'The password is set.', failed: 'The password could not be set',
});

const passwordSchema = () =>
  z.object({ Password: z.string().min(PASSWORD_MIN, words('passwordShort', { n: PASSWORD_MIN })), Again: z.string() }).superRefine((v, context) => {
    if (v.Password !== v.Again) context.addIssue({ code: 'custom', path: ['Again'], message: t('differs') });
  });

const useStyles = makeStyles({ content: { display: 'flex', flexDirection: 'column', gap: '14px' } });

interface Props {
  cmdlet: 'Set-Mailbox' | 'Set-User';
  identity: string;
  /** The name they sign in with. */
  who: string;
  refreshes: CmdletName[];
  onClose: () => void;
}

export function PasswordDialog({ cmdlet, identity, who, refreshes, onClose }: Props) {
  const styles = useStyles();
  const [schema] = useState(passwordSchema);
  const form = useForm({ defaultValues: { Password: '', Again: '' }, resolver: resolve(schema), mode: 'onTouched' });
  const run = useRun(refreshes);
  const now = useWatch({ control: form.control }) as { Password: string };
  const changes = (password: string): Change[] => [{ cmdlet, parameters: { Identity: identity, Password: password } }];
  const submit = form.handleSubmit((given) => run.mutate(changes(given.Password), { onSuccess: () => form.reset() }));
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form noValidate onSubmit={(event) => void submit(event)}>
          <DialogBody>
            <DialogTitle>{t('title')}</DialogTitle>
            <DialogContent className={styles.content}>
              {run.isSuccess ? <MessageBar intent="success"><MessageBarBody>{t('done')}</MessageBarBody></MessageBar> : (
                <>
                  <Text>{t('lead')} <strong><SafeText text={who} /></strong>.</Text>
                  <TextField control={form.control} name="Password" label={t('password')} hint={t('rule', { n: PASSWORD_MIN })} type="password" autoComplete="new-password" required />
                  <TextField control={form.control} name="Again" label={t('again')} type="password" autoComplete="new-password" required />
                  <CommandPreview changes={changes(now.Password)} wrong={wrongs(schema, now)} />
                  <ErrorBar title={t('failed')} error={run.error} />
                </>
              )}
            </DialogContent>
            <DialogActions>
              {run.isSuccess ? <Button type="button" appearance="primary" onClick={onClose}>{t('close')}</Button> : (
                <>
                  <Button appearance="primary" type="submit" disabledFocusable={run.isPending}>{t('set')}</Button>
                  <Button type="button" onClick={onClose}>{t('cancel')}</Button>
                </>
              )}
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
