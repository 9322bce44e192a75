import { describe, expect, it } from 'vitest';
import { custom, fields, sessionOf } from './record';

describe('the raw record', () => {
  it('is taken apart', () =>
    expect(fields('<root><MEP Name="ConnectorId" String="To &amp; From"/><MEP Name="TotalBytes" Integer="377"/><MEP Name="CustomData" Blob="S:Queue=[127.0.0.1];S:Reason=a;b"/></root>')).toEqual([
      { name: 'ConnectorId', value: 'To & From' }, { name: 'TotalBytes', value: '377' }, { name: 'Queue', value: '[127.0.0.1]' }, { name: 'Reason', value: 'a;b' },
    ]));
  it('names the session of the protocol log', () => {
    const id = '0198f6c2-1111-7222-8333-444455556666';
    const of = (value: string) => sessionOf([{ name: 'SourceContext', value }]);
    expect([of(id), of(`${id};250 2.0.0 OK;ClientSubmitTime:x`), of('notice'), sessionOf([])]).toEqual([id, id, null, null]);
  });
  it('takes what is not there', () => expect([fields(null), custom('')]).toEqual([[], []]));
});
