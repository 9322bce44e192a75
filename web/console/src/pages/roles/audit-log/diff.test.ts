import { describe, expect, it } from 'vitest';
import { differences, propertyName, word } from './diff';

describe('before and after', () => {
  it('shows only what differs', () => {
    expect(differences({ Before: { send_as: [], name: 'Sales' }, After: { send_as: ['ann', 'bob'], name: 'Sales' } })).toEqual([{ property: 'SendAs', before: '', after: 'ann, bob' }]);
  });
  it('shows all of something new, and of something removed', () => {
    expect(differences({ Before: null, After: { name: 'Sales' } })).toEqual([{ property: 'Name', before: '', after: 'Sales' }]);
    expect(differences({ Before: { name: 'Sales' }, After: null })).toEqual([{ property: 'Name', before: 'Sales', after: '' }]);
  });
  it('puts values on one line', () => expect(word([{ user: 'ann', auto_mapping: true }])).toBe('user: ann, auto_mapping: true'));
  it('names properties as cmdlets do', () => expect(propertyName('full_access')).toBe('FullAccess'));
});
