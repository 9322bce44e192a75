import { describe, expect, it } from 'vitest';
import { inWords, isUsualSpan, lastWords, spanWords } from './conditions';

describe('conditions in words', () => {
  it.each([['0.01:00:00', 'Last hour'], ['1.00:00:00', 'Last day'], ['2.00:00:00', 'Last 2 days'], ['0.03:00:00', 'Last 3 hours'], ['0.00:30:00', 'Last 30 minutes'], ['soon', 'soon']])('%s', (last, said) => expect(lastWords(last)).toBe(said));
  it.each([
    ['RecipientAddress', ['ann@contoso.example'], 'To: ann@contoso.example'],
    ['Address', ['mimi@contoso.example'], 'To or from: mimi@contoso.example'],
    ['Status', ['Failed', 'FilteredAsSpam'], 'Status: Failed or Filtered as spam'],
    ['Status', ['GettingStatus', 'Pending', 'Delivered', 'Failed', 'Quarantined', 'FilteredAsSpam', 'Recalled'], 'Recipients only, neither groups nor replaced addresses'],
    ['IncludeRefused', true, 'With refused attempts'],
    ['Other', 'x', 'Other: x'],
  ])('%s', (name, value, said) => expect(inWords(name, value, {}, 'Europe/Berlin')).toBe(said));
  it('say a time on the chosen clock', () => expect(inWords('StartDate', '2026-11-22T09:00:00Z', {}, 'Europe/Berlin')).toMatch(/^Since .*10:00:00 Berlin \(UTC\+1\)$/));
  it('say how a subject is compared only beside the subject', () => {
    expect(inWords('SubjectFilterType', 'Equals', { Subject: 'x' }, 'Etc/UTC')).toBe('The subject is exactly that');
    expect(inWords('SubjectFilterType', 'Equals', {}, 'Etc/UTC')).toBeNull();
  });
});

describe('the span', () => {
  it('is two days where neither time nor id is named', () => {
    expect([isUsualSpan({ RecipientAddress: ['a@b'] }), isUsualSpan({ MessageId: ['<a@b>'] }), isUsualSpan({ Last: '0.01:00:00' })]).toEqual([true, false, false]);
    expect(spanWords({ Subject: 'x' }, 'Etc/UTC')).toBe('Searched: the last 48 hours.');
    expect(spanWords({ MessageTraceId: 'x' }, 'Etc/UTC')).toBe('Searched: everything that is kept.');
  });
});
