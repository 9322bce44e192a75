// Picks addresses: suggestions from the directory while typing, any outside address, `*@domain`, and pasted lists.
import { useDeferredValue, useState, type ClipboardEvent, type KeyboardEvent } from 'react';
import { Avatar, Field, Tag, TagPicker, TagPickerControl, TagPickerGroup, TagPickerInput, TagPickerList, TagPickerOption, Text } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { defineText } from '@i18n/t';
import { isAddress, parseAddresses } from './parse';

const t = defineText('people', {
  use: 'Use {address}', none: 'Nobody in the directory begins so. Type a whole address, or *@domain.', refused: 'Not an address: {words}', asPattern: 'Pattern', outside: 'Address as typed', chosen: 'Chosen', paste: 'One or many: separate by ; or blank',
});
const SUGGESTIONS = 8;

interface Recipient { DisplayName: string; PrimarySmtpAddress: string; RecipientTypeDetails: string }
interface Props { label: string; value: string[]; onChange: (addresses: string[]) => void; hint?: string; error?: string; required?: boolean; single?: boolean }

export function PeoplePicker({ label, value, onChange, hint, error, required, single }: Props) {
  const can = useCan();
  const [typed, setTyped] = useState('');
  const [listed, setListed] = useState(false);
  const [refused, setRefused] = useState<string[]>([]);
  const asked = useDeferredValue(typed.trim());
  const found = useCmdlet<'Get-Recipient', Recipient>('Get-Recipient', { Anr: asked, ResultSize: SUGGESTIONS }, { enabled: asked !== '' && !asked.includes('*') && can('Get-Recipient') });
  const people = asked === '' ? [] : (found.data?.rows ?? []).filter((r) => r.PrimarySmtpAddress && !value.includes(r.PrimarySmtpAddress));
  const add = (text: string): boolean => {
    const parsed = parseAddresses(text);
    setRefused(parsed.refused);
    if (parsed.addresses.length === 0) return false;
    onChange(single ? parsed.addresses.slice(-1) : [...new Set([...value, ...parsed.addresses])]);
    setTyped(parsed.refused.join(' '));
    return true;
  };
  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text');
    if (add(text)) event.preventDefault();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const whole = isAddress(typed.trim());
    if ((event.key === ';' || event.key === ',' || (event.key === ' ' && whole)) && typed.trim() !== '' && add(typed)) event.preventDefault();
    // Enter takes what was typed when it is whole; otherwise the list's own choice.
    else if (event.key === 'Enter' && whole && !people.some((p) => p.PrimarySmtpAddress === typed.trim()) && add(typed)) event.preventDefault();
  };
  return (
    <Field label={label} hint={hint} required={required} validationMessage={error ?? (refused.length > 0 ? t('refused', { words: refused.join(' ') }) : undefined)}>
      <TagPicker open={listed && asked !== ''} onOpenChange={(_, data) => setListed(data.open)} onOptionSelect={(_, data) => { if (data.value === '') return; setTyped(''); setRefused([]); onChange(single ? data.selectedOptions.slice(-1) : data.selectedOptions); }} selectedOptions={value} disableAutoFocus>
        <TagPickerControl>
          {value.length > 0 && (
            <TagPickerGroup aria-label={`${label}: ${t('chosen')}`}>
              {value.map((address) => <Tag key={address} shape="rounded" size="small" value={address} media={<Avatar aria-hidden name={address} size={16} color={address.includes('*') ? 'neutral' : 'colorful'} />}>{address}</Tag>)}
            </TagPickerGroup>
          )}
          <TagPickerInput aria-label={label} placeholder={value.length === 0 ? t('paste') : undefined} value={typed} onChange={(e) => { setTyped(e.target.value); setListed(true); }} onPaste={onPaste} onKeyDown={onKeyDown} onBlur={() => { if (typed.trim() !== '') add(typed); }} />
        </TagPickerControl>
        <TagPickerList>
          {people.map((p) => (
            <TagPickerOption key={p.PrimarySmtpAddress} value={p.PrimarySmtpAddress} text={p.DisplayName} media={<Avatar aria-hidden name={p.DisplayName} color="colorful" shape={p.RecipientTypeDetails.includes('Group') ? 'square' : 'circular'} />} secondaryContent={p.PrimarySmtpAddress}>
              {p.DisplayName}
            </TagPickerOption>
          ))}
          {isAddress(asked) && !people.some((p) => p.PrimarySmtpAddress === asked) && (
            <TagPickerOption value={asked} text={asked} media={<Avatar aria-hidden name={asked} />} secondaryContent={t(asked.includes('*') ? 'asPattern' : 'outside')}>{t('use', { address: asked })}</TagPickerOption>
          )}
          {people.length === 0 && !isAddress(asked) && <TagPickerOption value="" text=""><Text size={200}>{asked === '' ? t('paste') : t('none')}</Text></TagPickerOption>}
        </TagPickerList>
      </TagPicker>
    </Field>
  );
}
