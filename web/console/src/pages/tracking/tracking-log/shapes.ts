// What the page reads of an event; its fields in the order of Exchange's log.
export interface TrackingEvent {
  Timestamp: string;
  ClientIp: string | null;
  ClientHostname: string | null;
  ServerIp: string | null;
  ServerHostname: string | null;
  SourceContext: string | null;
  ConnectorId: string | null;
  Source: string;
  EventId: string;
  InternalMessageId: number | null;
  MessageId: string | null;
  NetworkMessageId: string | null;
  Recipients: string[] | null;
  RecipientStatus: string[] | null;
  TotalBytes: number | null;
  RecipientCount: number | null;
  RelatedRecipientAddress: string | null;
  Reference: string[] | null;
  MessageSubject: string | null;
  Sender: string | null;
  ReturnPath: string | null;
  Directionality: string | null;
  TenantId: string | null;
  OriginalClientIp: string | null;
  OriginalServerIp: string | null;
  MessageInfo: string | null;
  EventData: Record<string, unknown> | null;
  TransportTrafficType: string | null;
}

export type FieldName = keyof TrackingEvent;
export type FieldValue = string | number | null | string[] | Record<string, unknown>;

/** A field in one line: several values behind one another, pairs as `Name=value`, as the log writes them. */
export function fieldText(value: FieldValue | undefined): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join('; ');
  if (typeof value === 'object') return Object.entries(value).map(([name, of]) => `${name}=${String(of)}`).join('; ');
  return String(value);
}

/** An event has no id of its own: what it is, when and of what. */
export const eventKey = (event: TrackingEvent): string => [event.Timestamp, event.EventId, event.NetworkMessageId ?? '', event.RelatedRecipientAddress ?? '', ...(event.Recipients ?? [])].join('~');

/** Events of one list with keys that differ, even if two say exactly the same. */
export function keyed(events: TrackingEvent[]): { key: string; event: TrackingEvent }[] {
  const seen = new Map<string, number>();
  return events.map((event) => {
    const key = eventKey(event);
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return { key: times > 0 ? `${key}~${times}` : key, event };
  });
}
