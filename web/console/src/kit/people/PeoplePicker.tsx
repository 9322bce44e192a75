// Picks addresses: suggestions from the directory while typing, any outside address, pasted lists; in a search also `*@domain` and parts of addresses.
import { useDeferredValue, useState, type ClipboardEvent, type KeyboardEvent } from 'react';
import { Avatar, Field, Tag, TagPicker, TagPickerControl, TagPickerGroup, TagPickerInput, TagPickerList, TagPickerOption, Text } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { defineText } from '@i18n/t';
import { useSettle } from '@kit/forms/typed';
import { isAddress, parseAddresses, parseSearched, partPattern } from './parse';
import { patternWords } from './words';

const t = defineText('people', {
  use: 'Use {address}', none: 'Nobody in the directory begins so. Type a whole address.', refused: 'Not an address: {words}', refusedPart: 'Neither an address nor a part of one: {words}. Separate several by ;', part: 'Everybody with {word}', asPart: 'A part of an address', asPattern: 'Pattern', outside: 'Address as typed', chosen: 'Chosen', paste: 'One or many: separate by ; or blank',
});
const SUGGESTIONS = 8;

interface Recipient { DisplayName: string; PrimarySmtpAddress: string; RecipientTypeDetails: string }
interface Props { label: string; value: string[]; onChange: (addresses: string[]) => void; hint?: string; error?: string; required?: boolean; single?: boolean;
  /** Takes patterns, and a word as a part of an address. */
  search?: boolean;
}

export function PeoplePicker({ label, value, onChange, hint, error, required, single, search }: Props) {
  const can = useCan();
  const [typed, setTyped] = useState('');
  const [listed, setListed] = useState(false);
  const [refused, setRefused] = useState<string[]>([]);
  const asked = useDeferredValue(typed.trim());
  const found = useCmdlet<'Get-Recipient', Recipient>('Get-Recipient', { Anr: asked, ResultSize: SUGGESTIONS }, { enabled: asked !== '' && !asked.includes('*') && can('Get-Recipient') });
  const people = asked === '' ? [] : (found.data?.rows ?? []).filter((r) => r.PrimarySmtpAddress && !value.includes(r.PrimarySmtpAddress));
  const part = search ? partPattern(asked) : null;
  const isWhole = (text: string) => isAddress(text) && (search || !/[*<]/.test(text));
  const add = (text: string): boolean => {
    const parsed = search ? parseSearched(text) : parseAddresses(text);
    const taken = parsed.addresses.filter(isWhole);
    const wrong = [...parsed.refused, ...parsed.addresses.filter((address) => !isWhole(address))];
    setRefused(wrong);
    if (taken.length === 0) return false;
    onChange(single ? taken.slice(-1) : [...new Set([...value, ...taken])]);
    setTyped(wrong.join(' '));
    return wrong.length === 0;
  };
  // What stands typed is never dropped: it is taken when the field is left or the form is sent, or the field says why not.
  const box = useSettle(() => typed.trim() === '' || add(typed));
  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text');
    // What cannot be taken stays in the box, where it can be mended.
    if (parseAddresses(text).addresses.some(isWhole)) {
      event.preventDefault();
      add(text);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const whole = isWhole(typed.trim());
    if ((event.key === ';' || event.key === ',' || (event.key === ' ' && whole)) && typed.trim() !== '' && add(typed)) event.preventDefault();
    // Enter takes what was typed when it is whole; otherwise the list's own choice.
    else if (event.key === 'Enter' && whole && !people.some((p) => p.PrimarySmtpAddress === typed.trim()) && add(typed)) event.preventDefault();
  };
  return (
    <Field label={label} hint={hint} required={required} validationMessage={error ?? (refused.length > 0 ? t(search ? 'refusedPart' : 'refused', { words: refused.join(' ') }) : undefined)}>
      <TagPicker open={listed && asked !== ''} onOpenChange={(_, data) => setListed(data.open)} onOptionSelect={(_, data) => { if (data.value === '') return; setTyped(''); setRefused([]); onChange(single ? data.selectedOptions.slice(-1) : data.selectedOptions); }} selectedOptions={value} disableAutoFocus>
        <TagPickerControl>
          {value.length > 0 && (
            <TagPickerGroup aria-label={`${label}: ${t('chosen')}`}>
              {value.map((address) => <Tag key={address} shape="rounded" size="small" value={address} media={<Avatar aria-hidden name={address} size={16} color={address.includes('*') ? 'neutral' : 'colorful'} />}>{patternWords(address)}</Tag>)}
            </TagPickerGroup>
          )}
          <TagPickerInput ref={box} aria-label={label} placeholder={value.length === 0 ? t('paste') : undefined} value={typed} onChange={(e) => { setTyped(e.target.value); setRefused([]); setListed(true); }} onPaste={onPaste} onKeyDown={onKeyDown} onBlur={() => { if (typed.trim() !== '') add(typed); }} />
        </TagPickerControl>
        <TagPickerList>
          {people.map((p) => (
            <TagPickerOption key={p.PrimarySmtpAddress} value={p.PrimarySmtpAddress} text={p.DisplayName} media={<Avatar aria-hidden name={p.DisplayName} color="colorful" shape={p.RecipientTypeDetails.includes('Group') ? 'square' : 'circular'} />} secondaryContent={p.PrimarySmtpAddress}>
              {p.DisplayName}
            </TagPickerOption>
          ))}
          {isWhole(asked) && !people.some((p) => p.PrimarySmtpAddress === asked) && (
            <TagPickerOption value={asked} text={asked} media={<Avatar aria-hidden name={asked} />} secondaryContent={t(asked.includes('*') ? 'asPattern' : 'outside')}>{t('use', { address: asked })}</TagPickerOption>
          )}
          {part && !value.includes(part) && <TagPickerOption value={part} text={asked} media={<Avatar aria-hidden name={asked} color="neutral" />} secondaryContent={t('asPart')}>{t('part', { word: asked })}</TagPickerOption>}
          {people.length === 0 && !part && !isWhole(asked) && <TagPickerOption value="" text=""><Text size={200}>{asked === '' ? t('paste') : t('none')}</Text></TagPickerOption>}
        </TagPickerList>
      </TagPicker>
    </Field>
  );
}
