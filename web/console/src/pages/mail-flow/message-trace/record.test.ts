import { describe, expect, it } from 'vitest';
import { custom, fields } from './record';

describe('the raw record', () => {
  it('is taken apart', () =>
    expect(fields('<root><MEP Name="ConnectorId" String="To &amp; From"/><MEP Name="TotalBytes" Integer="377"/><MEP Name="CustomData" Blob="S:Queue=[127.0.0.1];S:Reason=a;b"/></root>')).toEqual([
      { name: 'ConnectorId', value: 'To & From' }, { name: 'TotalBytes', value: '377' }, { name: 'Queue', value: '[127.0.0.1]' }, { name: 'Reason', value: 'a;b' },
    ]));
  it('takes what is not there', () => expect([fields(null), custom('')]).toEqual([[], []]));
});
