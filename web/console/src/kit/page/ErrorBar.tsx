// Says what went wrong, and what to do about it.
import type { ReactNode } from 'react';
import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { ApiError } from '@api/client';
import { defineText } from '@i18n/t';
import { SafeText } from '@kit/safe/SafeText';

const t = defineText('errors', {
  unreachable: 'The server does not answer. Check that it runs and that this machine reaches it; nothing was changed.',
  forbidden: 'Your roles do not allow this. A member of Organization Management can add you to a role group that does.',
  gone: 'It is not there any more. Go back to the list and refresh it.',
  busy: 'The server is busy. Wait a moment and try again.',
  broken: 'The server could not do it. The service log says why; try again, and if it stays, show the log to who runs the server.',
  retry: 'Try again',
});

export function advice(error: ApiError): string | null {
  if (error.status === 0) return t('unreachable');
  if (error.status === 403) return t('forbidden');
  if (error.status === 404) return t('gone');
  if (error.status === 429 || error.status === 503) return t('busy');
  if (error.status >= 500) return t('broken');
  return null;
}

/** `children`: what stands below the sentence, such as the lines of what was tried. */
export function ErrorBar({ title, error, onRetry, children }: { title: string; error: ApiError | null | undefined; onRetry?: () => void; children?: ReactNode }) {
  if (!error) return null;
  const what = advice(error);
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        <SafeText text={[error.message, what].filter(Boolean).join(/[.!?]$/.test(error.message) ? ' ' : '. ')} />
        {children}
      </MessageBarBody>
      {onRetry && <MessageBarActions><Button onClick={onRetry}>{t('retry')}</Button></MessageBarActions>}
    </MessageBar>
  );
}
