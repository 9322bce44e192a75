// Message size limits of several mailboxes at once.
import { useState } from 'react';
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, makeStyles, Text } from '@fluentui/react-components';
import { useForm, useWatch } from 'react-hook-form';
import { z } from '@kit/forms/zod';
import type { Change } from '@kit/confirm/ConfirmDialog';
import { CommandPreview } from '@kit/command/CommandPreview';
import { resolve, wrongs } from '@kit/forms/resolver';
import { UNLIMITED } from '@kit/forms/sizeText';
import { useRun } from '@kit/forms/useRun';
import { ErrorBar } from '@kit/page/ErrorBar';
import { sizeFields, type Sizes } from '../shared/fields';
import { SizesPair } from '../shared/sections';
import type { Mailbox } from '../shared/shapes';
import { READS } from './data';
import { t } from './text';

const useStyles = makeStyles({ content: { display: 'flex', flexDirection: 'column', gap: '14px' } });

export function LimitsDialog({ mailboxes, onClose, onDone }: { mailboxes: Mailbox[]; onClose: () => void; onDone: () => void }) {
  const styles = useStyles();
  const [schema] = useState(() => z.object(sizeFields()));
  const form = useForm<Sizes>({ defaultValues: { MaxSendSize: UNLIMITED, MaxReceiveSize: UNLIMITED }, resolver: resolve(schema), mode: 'onTouched' });
  const run = useRun(READS);
  const values = useWatch({ control: form.control }) as Sizes;
  const changes = (sizes: Sizes): Change[] => mailboxes.map((m) => ({ cmdlet: 'Set-Mailbox', parameters: { Identity: m.PrimarySmtpAddress, ...sizes } }));
  const submit = form.handleSubmit((sizes) => run.mutate(changes(sizes), { onSuccess: onDone }));
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form noValidate onSubmit={(event) => void submit(event)}>
          <DialogBody>
            <DialogTitle>{t('limitsTitle', { n: mailboxes.length })}</DialogTitle>
            <DialogContent className={styles.content}>
              <Text>{t('limitsLead')}</Text>
              <SizesPair control={form.control} />
              <CommandPreview changes={changes(values)} wrong={wrongs(schema, values)} />
              <ErrorBar title={t('limitsFailed')} error={run.error} />
            </DialogContent>
            <DialogActions>
              <Button appearance="primary" type="submit" disabledFocusable={run.isPending}>{t('apply')}</Button>
              <Button type="button" onClick={onClose}>{t('cancel')}</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
