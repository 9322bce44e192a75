// A list of time zones.
import { Select, type SelectProps } from '@fluentui/react-components';
import { UTC, zones } from './zone';

export function ZoneSelect({ value, onChange, ...rest }: { value: string; onChange: (zone: string) => void } & Omit<SelectProps, 'value' | 'onChange'>) {
  const known = zones();
  return (
    <Select {...rest} value={value} onChange={(_, data) => onChange(data.value)}>
      {(known.includes(value) ? known : [value, ...known]).map((zone) => <option key={zone} value={zone}>{zone === UTC ? 'UTC' : zone.replaceAll('_', ' ')}</option>)}
    </Select>
  );
}
