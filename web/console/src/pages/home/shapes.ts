// What Home reads of the mail flow and of the report about it.
import type { Sent } from '@api/client';

export type Attention = MailFlowStatus['Attention'][number];
export type MailFlowStatus = Sent<'Get-MailFlowStatus', 'Place'>;
export type Traffic = Sent<'Get-MailTrafficReport'>;
