// A list of time zones, shorter with each letter that is typed.
import { useState } from 'react';
import { Combobox, makeStyles, Option, type ComboboxProps } from '@fluentui/react-components';
import { defineText } from '@i18n/t';
import { zones, zonesLike, zoneWords } from './zone';

const t = defineText('zone-select', { none: 'No time zone has this in its name.' });

const useStyles = makeStyles({ box: { minWidth: 0 }, list: { maxHeight: '240px', overflowY: 'auto' } });

/** What is typed takes the place of the name that stands there. Opening the list puts the cursor at its end once more. */
const selectSoon = (box: HTMLInputElement) => void requestAnimationFrame(() => box.select());

type Rest = Omit<ComboboxProps, 'value' | 'onChange' | 'children' | 'selectedOptions' | 'onOptionSelect' | 'onOpenChange'>;

export function ZoneSelect({ value, onChange, ...rest }: { value: string; onChange: (zone: string) => void } & Rest) {
  const styles = useStyles();
  const [typed, setTyped] = useState<string | null>(null);
  const all = zones();
  const listed = all.includes(value) ? all : [value, ...all];
  const found = typed === null ? listed : zonesLike(listed, typed);
  const choose = (zone: string | undefined) => {
    setTyped(null);
    if (zone) onChange(zone);
  };
  return (
    <Combobox
      {...rest} inlinePopup positioning={{ strategy: 'fixed', autoSize: false }} listbox={{ className: styles.list }} className={styles.box} autoComplete="off" value={typed ?? zoneWords(value)} selectedOptions={[value]} onFocus={(event) => event.target.select()} onClick={(event) => typed === null && selectSoon(event.currentTarget)} onChange={(event) => setTyped(event.target.value)}
      // Letters that begin no name take the choice away there: here it stays until another is made.
      onOptionSelect={(_, data) => data.optionValue && choose(data.optionValue)} onBlur={() => choose(typed ? found.find((zone) => found.length === 1 || zoneWords(zone).toLowerCase() === typed.trim().toLowerCase()) : undefined)}
    >
      {found.map((zone) => <Option key={zone} value={zone}>{zoneWords(zone)}</Option>)}
      {found.length === 0 && <Option key="none" disabled text="">{t('none')}</Option>}
    </Combobox>
  );
}
