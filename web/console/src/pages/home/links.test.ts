import { describe, expect, it } from 'vitest';
import { fromSearch } from '../mail-flow/message-trace/query';
import { dayPath, hourPath, namePath, weekStart, type HourFigure } from './links';

const asked = (path = '') => fromSearch(new URLSearchParams(path.split('?')[1]));
const people = ['GettingStatus', 'Pending', 'Delivered', 'Failed', 'Quarantined', 'FilteredAsSpam', 'Recalled'];

describe('a figure of Home leads to what it counts', () => {
  const figures: [HourFigure, object][] = [
    ['In', { Direction: 'Inbound', Status: people }], ['Out', { Direction: 'Outbound', Status: people }], ['Delivered', { Status: ['Delivered'] }], ['Failed', { Status: ['Failed'] }], ['Quarantined', { Status: ['Quarantined'] }],
  ];
  it.each(figures)('%s, of this server', (figure, what) => expect(asked(hourPath(figure, 'mx1'))).toEqual({ Last: '0.01:00:00', Place: ['mx1'], ...what }));
  it.each(figures)('%s, of all places where a server only observes', (figure, what) => expect(asked(hourPath(figure, null))).toEqual({ Last: '0.01:00:00', ...what }));
  it('of a day, in the chosen zone, whatever its hours', () => {
    const Status = people.filter((status) => status !== 'Recalled');
    expect(asked(dayPath('2026-11-21', 'Etc/UTC'))).toEqual({ StartDate: '2026-11-21T00:00:00.000Z', EndDate: '2026-11-22T00:00:00.000Z', Status });
    expect(asked(dayPath('2026-10-25', 'Europe/Berlin'))).toEqual({ StartDate: '2026-10-24T22:00:00.000Z', EndDate: '2026-10-25T23:00:00.000Z', Status });
  });
  it('of a name: a sender by MAIL FROM alone, as the report counts', () => {
    expect(asked(namePath('Sender', 'ann@contoso.example'))).toEqual({ Last: '7.00:00:00', ReturnPath: ['ann@contoso.example'], Status: people });
    expect(asked(namePath('Sender', ''))).toMatchObject({ ReturnPath: ['<>'] });
    expect(asked(namePath('Recipient', 'ann@contoso.example'))).toEqual({ Last: '7.00:00:00', RecipientAddress: ['ann@contoso.example'], Status: people });
    expect(namePath('Sender', '(others)')).toBeUndefined();
  });
});

describe('the week', () => {
  it('begins with a whole day of the chosen zone', () => {
    expect(weekStart(new Date('2026-11-22T23:30:00Z'), 'Etc/UTC')).toBe('2026-11-16T00:00:00.000Z');
    expect(weekStart(new Date('2026-11-22T23:30:00Z'), 'Europe/Berlin')).toBe('2026-11-16T23:00:00.000Z');
    expect(weekStart(new Date('2026-10-27T12:00:00Z'), 'Europe/Berlin')).toBe('2026-10-20T22:00:00.000Z');
  });
});
