// What the page reads of an event; its fields in the order of Exchange's log.
import type { Sent } from '@api/client';

export type TrackingEvent = Sent<'Get-MessageTrackingLog', 'ClientIp' | 'ClientHostname' | 'ServerIp' | 'ServerHostname' | 'SourceContext' | 'ConnectorId' | 'InternalMessageId' | 'MessageId' | 'NetworkMessageId' | 'Recipients' | 'RecipientStatus' | 'TotalBytes' | 'RecipientCount' | 'RelatedRecipientAddress' | 'Reference' | 'MessageSubject' | 'Sender' | 'ReturnPath' | 'Directionality' | 'TenantId' | 'OriginalClientIp' | 'OriginalServerIp' | 'MessageInfo' | 'EventData' | 'TransportTrafficType'>;

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
