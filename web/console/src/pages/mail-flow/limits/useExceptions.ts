// The mailboxes with limits of their own. A filter joins conditions by -and alone, so each limit is asked for by itself.
import { useMemo } from 'react';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { merge, type MailboxLimits } from './shapes';

const asked = (limit: keyof MailboxLimits) => ({ Filter: `${limit} -ne 'Unlimited'`, ResultSize: 'Unlimited' });

export function useExceptions() {
  const enabled = useCan()('Get-Mailbox');
  const send = useCmdlet<'Get-Mailbox', MailboxLimits>('Get-Mailbox', asked('MaxSendSize'), { enabled });
  const receive = useCmdlet<'Get-Mailbox', MailboxLimits>('Get-Mailbox', asked('MaxReceiveSize'), { enabled });
  const recipients = useCmdlet<'Get-Mailbox', MailboxLimits>('Get-Mailbox', asked('RecipientLimits'), { enabled });
  const rows = useMemo(() => merge([send.data?.rows, receive.data?.rows, recipients.data?.rows]), [send.data, receive.data, recipients.data]);
  return { rows, reads: [send, receive, recipients] };
}
