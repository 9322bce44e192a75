// One event: every field as it was recorded, and the ways on to its message.
import { Button } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useCan } from '@api/session';
import { DetailsDrawer } from '@kit/drawer/DetailsDrawer';
import { Facts, type Fact } from '@kit/drawer/Facts';
import { Icon } from '@kit/icons';
import { SafeText } from '@kit/safe/SafeText';
import { visible } from '@kit/safe/visible';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';
import { tracePath } from '../tracePath';
import { fieldText, type FieldName, type TrackingEvent } from './shapes';
import { t } from './text';

interface Props { event: TrackingEvent | null; onClose: () => void; onPrevious?: () => void; onNext?: () => void; onOnlyThis: (event: TrackingEvent) => void }

export function EventDetails({ event, onClose, onPrevious, onNext, onOnlyThis }: Props) {
  const can = useCan();
  const navigate = useNavigate();
  const zone = useZone();
  if (!event) return <DetailsDrawer open={false} title="" name="" onClose={onClose} />;
  const trace = tracePath(event.NetworkMessageId, event.MessageId);
  return (
    <DetailsDrawer
      open title={<>{event.EventId} <SafeText text={event.MessageSubject} /></>} name={`${event.EventId} ${visible(event.MessageSubject ?? '')}`} subtitle={`${showTime(event.Timestamp, zone, true)}, ${zoneName(zone)}`} onClose={onClose} onPrevious={onPrevious} onNext={onNext}
      footer={
        <>
          {trace && can('Get-MessageTrace') && <Button appearance="primary" icon={<Icon name="trace" />} onClick={() => void navigate(trace)}>{t('trace')}</Button>}
          {event.NetworkMessageId && <Button onClick={() => onOnlyThis(event)}>{t('onlyThis')}</Button>}
        </>
      }
    >
      <Facts facts={(Object.keys(event) as FieldName[]).map((name): Fact => [name, value(event, name)])} />
    </DetailsDrawer>
  );
}

function value(event: TrackingEvent, name: FieldName) {
  const data = event[name];
  const text = fieldText(data);
  if (text === '') return null;
  if (data && typeof data === 'object' && !Array.isArray(data)) return <Facts facts={Object.entries(data).map(([pair, of]): Fact => [pair, <SafeText key={pair} text={typeof of === 'object' ? JSON.stringify(of) : String(of)} />])} />;
  return <SafeText text={text} />;
}
