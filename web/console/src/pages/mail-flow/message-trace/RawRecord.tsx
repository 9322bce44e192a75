// Every field that was recorded, event by event, under the names of the tracking log.
import { Accordion, AccordionHeader, AccordionItem, AccordionPanel } from '@fluentui/react-components';
import { Facts, type Fact } from '@kit/drawer/Facts';
import { SafeText } from '@kit/safe/SafeText';
import { useZone } from '@kit/shell/settings';
import { showTime } from '@kit/time/zone';
import { fields } from './record';
import type { TraceEvent, TraceRow } from './shapes';
import { t } from './text';

export function RawRecord({ events, row }: { events: TraceEvent[]; row: TraceRow | null }) {
  const zone = useZone();
  const key = (event: TraceEvent, i: number) => `${i} ${event.Event}`;
  const ofRow: Fact[] = row ? Object.entries(row).filter(([, value]) => value !== null && typeof value !== 'object').map(([name, value]) => [name, <SafeText key={name} text={String(value)} />]) : [];
  return (
    <Accordion multiple collapsible defaultOpenItems={events.map(key)}>
      {events.map((event, i) => (
        <AccordionItem key={key(event, i)} value={key(event, i)}>
          <AccordionHeader>{event.Event}, {showTime(event.Date, zone, true)}</AccordionHeader>
          <AccordionPanel><Facts facts={fields(event.Data).map(({ name, value }): Fact => [name, <SafeText key={name} text={value} />])} /></AccordionPanel>
        </AccordionItem>
      ))}
      {ofRow.length > 0 && (
        <AccordionItem value="row">
          <AccordionHeader>{t('rowRecord')}</AccordionHeader>
          <AccordionPanel><Facts facts={ofRow} /></AccordionPanel>
        </AccordionItem>
      )}
    </Accordion>
  );
}
