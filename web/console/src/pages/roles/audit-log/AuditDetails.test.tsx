// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmountAll, words } from '@kit/testing';
import { AuditDetails } from './AuditDetails';
import { about, isLookUp } from './diff';
import type { Audited } from './shapes';

const imported: Audited = {
  Identity: 7, RunDate: '2026-11-22T10:00:00Z', Caller: 'admin', Interface: 'Http', CmdletName: 'Import-MessageTrace', CmdletParameters: { Path: ['/srv/big.log'], Place: 'gateway' },
  ObjectModified: null, ObjectGuid: null, Succeeded: true, Error: null, ResultRows: 1, LookedUp: null as unknown as string, Before: null, After: null,
};
const searched: Audited = { ...imported, CmdletName: 'Get-MessageTrace', CmdletParameters: {}, LookedUp: 'ann@contoso.example', ResultRows: 3 };

describe('a record of the audit log', () => {
  afterEach(unmountAll);
  const show = (record: Audited) => mount(<AuditDetails record={record} onClose={() => undefined} />);

  it('of a change without before and after is no look-up, and names what was changed', async () => {
    expect([isLookUp(imported), about(imported)]).toEqual([false, 'gateway']);
    await show(imported);
    expect(words()).not.toContain('changes nothing');
    expect(words()).not.toContain('Rows shown');
    expect(words()).toMatch(/Object.{0,4}gateway/);
  });
  it('of a change that failed changed nothing', async () => {
    await show({ ...imported, Succeeded: false, Error: 'No such file.' });
    expect(words()).toContain('This changed nothing.');
  });
  it('of a look-up says so', async () => {
    expect([isLookUp(searched), about(searched), isLookUp({ ...searched, LookedUp: null as unknown as string })]).toEqual([true, 'ann@contoso.example', true]);
    await show(searched);
    expect(words()).toContain('A look-up: it shows mail and changes nothing.');
    expect(words()).toContain('Rows shown');
  });
});
