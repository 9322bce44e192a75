// When a list was last read, in the chosen zone; read aloud only when asked.
import { Text, tokens } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { useZone } from '@kit/shell/settings';
import { showTime, zoneName } from '@kit/time/zone';

const t = defineText('refresh-note', { count: { one: '{n} entry', other: '{n} entries' }, at: 'as of {time}, {zone}' });

export function RefreshNote({ n, at, children }: { n?: number; at: number; children?: React.ReactNode }) {
  const zone = useZone();
  return (
    <Text size={200} style={{ color: tokens.colorNeutralForeground3 }}>
      {n !== undefined && <strong data-count>{t('count', { n })}</strong>} {at > 0 && t('at', { time: showTime(new Date(at).toISOString(), zone), zone: zoneName(zone) })} {children}
    </Text>
  );
}
