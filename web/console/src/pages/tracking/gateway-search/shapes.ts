// What the page reads of a message as the gateway records it.
import type { Sent } from '@api/client';

export type GatewayRow = Sent<'Get-GatewayTrace', 'Sender' | 'Sender_Host' | 'Sender_IP_Address' | 'Recipients' | 'Subject' | 'Final_Rule' | 'Module_ID' | 'Rule_ID' | 'Quarantine_Folder' | 'Quarantine_Rule' | 'Disposition_Action' | 'Place' | 'Message_ID' | 'Message_Size' | 'GUID' | 'QID' | 'SID' | 'Policy_Routes' | 'Spam_Score' | 'Virus_Names' | 'TLS' | 'Duration' | 'Sendmail_To_Stat'>;

export type GatewayField = keyof GatewayRow;

export const text = (value: GatewayRow[GatewayField]): string => (Array.isArray(value) ? value.join(', ') : value === null || value === undefined ? '' : String(value));
export const rowKey = (row: GatewayRow): string => `${row.MessageTraceId}~${text(row.Recipients)}`;
