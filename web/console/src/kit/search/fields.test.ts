import { describe, expect, it } from 'vitest';
import { fromAddress, fromForm, schemaOf, toAddress, toForm, type SearchField } from './fields';

const fields: SearchField[] = [
  { name: 'Recipients', label: '', kind: 'list' },
  { name: 'EventId', label: '', kind: 'choices' },
  { name: 'InternalMessageId', label: '', kind: 'number' },
  { name: 'Start', label: '', kind: 'time' },
  { name: 'End', label: '', kind: 'time', notBefore: 'Start' },
  { name: 'MessageSubject', label: '', kind: 'text' },
];
const zone = 'Europe/Berlin';
const filled = { Recipients: ['kim@contoso.example', '*@fabrikam.example'], EventId: ['FAIL', 'DEFER'], InternalMessageId: 7, Start: '2026-11-22T09:00:00.000Z', MessageSubject: 'a b' };

describe('conditions of a search', () => {
  it('come back from the address as they went', () => {
    const address = toAddress(fields, filled, new URLSearchParams('sort=Timestamp:desc&open=3&EventId=SEND'));
    expect(address.get('sort')).toBe('Timestamp:desc');
    expect(address.get('open')).toBeNull();
    expect(fromAddress(fields, address)).toEqual(filled);
  });
  it('come back from the form as they went, on the clock of the zone', () => {
    const form = toForm(fields, filled, zone);
    expect(form).toMatchObject({ Start: '2026-11-22T10:00', Recipients: 'kim@contoso.example *@fabrikam.example', End: '' });
    expect(fromForm(fields, form, zone)).toEqual(filled);
  });
  it('leave out what is no number in the address', () => expect(fromAddress(fields, new URLSearchParams('InternalMessageId=x'))).toEqual({}));
  it.each([
    [{ InternalMessageId: 'x' }, ['InternalMessageId']],
    [{ Start: '2026-11-22T10:00', End: '2026-11-22T09:00' }, ['End']],
    [{ Start: '2026-11-22T10:00', End: '2026-11-22T10:01' }, []],
  ])('%j is wrong at %j', (given, wrong) => {
    const result = schemaOf(fields).safeParse({ ...toForm(fields, {}, zone), ...given });
    expect(result.error?.issues.map((issue) => issue.path[0]) ?? []).toEqual(wrong);
  });
});
