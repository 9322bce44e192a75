// Picks recipients of the directory by name. What is chosen is held as the directory names it, so that a list read from a cmdlet
// can be given back to one.
import { useDeferredValue, useState } from 'react';
import { Avatar, Field, Tag, TagPicker, TagPickerControl, TagPickerGroup, TagPickerInput, TagPickerList, TagPickerOption, Text } from '@fluentui/react-components';
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import { defineText } from '@i18n/t';
import { useSettle } from '@kit/forms/typed';
import { visible } from '@kit/safe/visible';

const t = defineText('directory-picker', { search: 'Search by name or address', none: 'Nobody in the directory begins so.', pick: 'Nobody was chosen for “{typed}”. Choose somebody from the list, or empty the box.', chosen: 'Chosen', may: 'You may not search the directory.' });
const SUGGESTIONS = 8;

/** What can be chosen: people with a mailbox, groups that hold rights, groups, contacts outside. */
export type Kind = 'UserMailbox' | 'SharedMailbox' | 'MailUniversalSecurityGroup' | 'MailUniversalDistributionGroup' | 'MailContact' | 'MailUser';
export const PEOPLE: Kind[] = ['UserMailbox', 'SharedMailbox', 'MailUser', 'MailContact'];
export const GROUPS: Kind[] = ['MailUniversalDistributionGroup', 'MailUniversalSecurityGroup'];
export const TRUSTEES: Kind[] = ['UserMailbox', 'MailUniversalSecurityGroup'];

interface Recipient { Identity: string; DisplayName: string; PrimarySmtpAddress: string; RecipientTypeDetails: string }
interface Props {
  label: string; value: string[]; onChange: (names: string[]) => void; kinds?: Kind[]; single?: boolean; hint?: string; error?: string; required?: boolean; disabled?: boolean;
  /** Not offered: who is there already. */
  without?: string[];
}

export function DirectoryPicker({ label, value, onChange, kinds, single, hint, error, required, disabled, without = [] }: Props) {
  const can = useCan();
  const [typed, setTyped] = useState('');
  const [listed, setListed] = useState(false);
  const [missed, setMissed] = useState(false);
  const asked = useDeferredValue(typed.trim());
  const found = useCmdlet<'Get-Recipient', Recipient>('Get-Recipient', { Anr: asked, ResultSize: SUGGESTIONS + without.length + value.length, RecipientTypeDetails: kinds }, { enabled: listed && can('Get-Recipient') });
  const there = new Set([...value, ...without].map((name) => name.toLowerCase()));
  // Of an answer to what was typed before, only who still fits: nobody jumps away under the pointer.
  const fits = (r: Recipient) => !found.isPlaceholderData || [r.DisplayName, r.Identity, r.PrimarySmtpAddress].some((text) => text.toLowerCase().startsWith(asked.toLowerCase()));
  const people = (found.data?.rows ?? []).filter(fits).filter((r) => !there.has(r.Identity.toLowerCase()) && !there.has(r.PrimarySmtpAddress.toLowerCase())).slice(0, SUGGESTIONS);
  const choose = (names: string[]) => {
    setTyped('');
    setMissed(false);
    onChange(single ? names.slice(-1) : names);
  };
  // Somebody whose whole name or address stands typed was meant; anything else is asked for.
  const settle = (): boolean => {
    const text = typed.trim().toLowerCase();
    if (text === '') return true;
    const meant = found.isPlaceholderData ? [] : people.filter((r) => [r.DisplayName, r.Identity, r.PrimarySmtpAddress].some((name) => name.toLowerCase() === text));
    if (meant.length === 1 && meant[0]) choose([...value, meant[0].Identity]);
    else setMissed(true);
    return meant.length === 1;
  };
  const box = useSettle(settle);
  return (
    <Field label={label} hint={hint} required={required} validationMessage={missed ? t('pick', { typed: visible(typed.trim()) }) : error}>
      <TagPicker
        selectedOptions={value} disableAutoFocus disabled={disabled} open={listed} onOpenChange={(_, data) => setListed(data.open)}
        onOptionSelect={(_, data) => { if (data.value !== '') choose(data.selectedOptions); }}
      >
        <TagPickerControl>
          {value.length > 0 && (
            <TagPickerGroup aria-label={`${label}: ${t('chosen')}`}>
              {value.map((name) => <Tag key={name} shape="rounded" size="small" value={name} media={<Avatar aria-hidden name={visible(name)} size={16} color="colorful" />}>{visible(name)}</Tag>)}
            </TagPickerGroup>
          )}
          <TagPickerInput ref={box} aria-label={label} placeholder={value.length === 0 && !disabled ? t('search') : undefined} value={typed} onChange={(e) => { setTyped(e.target.value); setMissed(false); setListed(true); }} onBlur={() => void settle()} />
        </TagPickerControl>
        <TagPickerList>
          {people.map((p) => (
            <TagPickerOption key={p.Identity} value={p.Identity} text={visible(p.DisplayName)} media={<Avatar aria-hidden name={visible(p.DisplayName)} color="colorful" shape={p.RecipientTypeDetails.includes('Group') ? 'square' : 'circular'} />} secondaryContent={p.PrimarySmtpAddress}>
              {visible(p.DisplayName)}
            </TagPickerOption>
          ))}
          {people.length === 0 && <TagPickerOption value="" text=""><Text size={200}>{can('Get-Recipient') ? (asked === '' ? t('search') : t('none')) : t('may')}</Text></TagPickerOption>}
        </TagPickerList>
      </TagPicker>
    </Field>
  );
}
