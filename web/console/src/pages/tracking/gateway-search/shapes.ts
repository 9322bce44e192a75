// What the page reads of a message as the gateway records it.
export interface GatewayRow {
  Date: string;
  Sender: string | null;
  Sender_Host: string | null;
  Sender_IP_Address: string | null;
  Recipients: string[] | null;
  Subject: string | null;
  Final_Action: string;
  Final_Rule: string | null;
  Module_ID: string | null;
  Rule_ID: string | null;
  Quarantine_Folder: string | null;
  Quarantine_Rule: string | null;
  Disposition_Action: string | null;
  Status: string;
  Place: string | null;
  Message_ID: string | null;
  Message_Size: number | null;
  GUID: string | null;
  QID: string | null;
  SID: string | null;
  Policy_Routes: string | string[] | null;
  Spam_Score: string | number | null;
  Virus_Names: string | string[] | null;
  TLS: string | null;
  Duration: string | null;
  Sendmail_To_Stat: string | null;
  MessageTraceId: string;
}

export type GatewayField = keyof GatewayRow;

export const text = (value: GatewayRow[GatewayField]): string => (Array.isArray(value) ? value.join(', ') : value === null || value === undefined ? '' : String(value));
export const rowKey = (row: GatewayRow): string => `${row.MessageTraceId}~${text(row.Recipients)}`;
