// Where the figures of Home lead: to the rows they count, and to no others.
import { instantOf, wallClock } from '@kit/time/zone';
import { OF_RECIPIENTS, resultsPath } from '../mail-flow/message-trace/query';

const HOUR = '0.01:00:00';
const WEEK = '7.00:00:00';
const DAY_MS = 86_400_000;
const DAYS = 7;
/** What stands for those the report does not tell apart. */
const OTHERS = '(others)';
/** What a column of the week is made of; what gets its status just now counts as pending. */
const DRAWN = OF_RECIPIENTS.filter((status) => status !== 'Recalled');

export type HourFigure = 'In' | 'Out' | 'Delivered' | 'Failed' | 'Quarantined';

/** The rows of a figure of the last hour; `place` is the server whose mail alone was counted. */
export function hourPath(figure: HourFigure, place: string | null): string {
  const what = figure === 'In' ? { Direction: 'Inbound', Status: OF_RECIPIENTS } : figure === 'Out' ? { Direction: 'Outbound', Status: OF_RECIPIENTS } : { Status: [figure] };
  return resultsPath({ Last: HOUR, ...what, ...(place ? { Place: [place] } : {}) });
}

const nextDay = (day: string, by = 1): string => new Date(Date.parse(`${day}T12:00:00Z`) + by * DAY_MS).toISOString().slice(0, 10);

/** When the report by day begins: with a whole day, so that its first column is one too. */
export const weekStart = (now: Date, zone: string): string => instantOf(`${nextDay(wallClock(now, zone).slice(0, 10), 1 - DAYS)}T00:00`, zone).toISOString();

/** The rows of a column. A day of the report is a day in the chosen zone, which may have 23 or 25 hours. */
export function dayPath(day: string, zone: string): string {
  const midnight = (of: string) => instantOf(`${of}T00:00`, zone).toISOString();
  return resultsPath({ StartDate: midnight(day), EndDate: midnight(nextDay(day)), Status: DRAWN });
}

/** The rows of a name of the report: a sender is counted by MAIL FROM alone. */
export function namePath(by: 'Sender' | 'Recipient', name: string): string | undefined {
  if (name === OTHERS) return undefined;
  return resultsPath({ Last: WEEK, [by === 'Sender' ? 'ReturnPath' : 'RecipientAddress']: [name || '<>'], Status: OF_RECIPIENTS });
}
