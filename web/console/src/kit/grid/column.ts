// What a list shows of its rows.
import type { ReactNode } from 'react';
import { numberText } from '@i18n/t';
import type { CellValue } from './model';

export interface Column<R> {
  id: string;
  title: string;
  /** Least width in pixels. */
  width: number;
  /** Share of the room that is left; none if not given. */
  grow?: number;
  value: (row: R) => CellValue;
  /** What is shown; the value as it is if not given. */
  render?: (row: R) => ReactNode;
  end?: boolean;
  /** In the column chooser, but not shown until chosen. */
  hidden?: boolean;
}

export const shownText = (value: CellValue): string => (value == null ? '' : typeof value === 'number' ? numberText(value) : String(value));
