// Finds the pages: a folder with `entry.ts` and `page.tsx` is a page, its path is its address and its place in the menu.
import type { ComponentType } from 'react';
import { late, type Late } from '@kit/page/late';
import { areas, type Area } from './areas';
import type { Entry } from './entry';

export interface PageInfo extends Entry {
  /** The address under /admin, such as `mail-flow/queues`; empty for Home. */
  path: string;
  area: Area | null;
  view: Late<object>;
}

const entries = import.meta.glob<Entry>(['./*/entry.ts', './*/*/entry.ts'], { eager: true, import: 'default' });
const pages = import.meta.glob<{ default: ComponentType; ahead?: () => Promise<unknown> }>(['./*/page.tsx', './*/*/page.tsx']);

function info(file: string, entry: Entry): PageInfo {
  const folder = file.slice('./'.length, -'/entry.ts'.length);
  const load = pages[`./${folder}/page.tsx`];
  if (!load) throw new Error(`pages/${folder} has entry.ts and no page.tsx`);
  const area = areas.find((a) => folder.startsWith(`${a.id}/`)) ?? null;
  if (!area && folder !== 'home') throw new Error(`pages/${folder}: its area is not in pages/areas.ts`);
  return { ...entry, path: folder === 'home' ? '' : folder, area, view: late(load) };
}

const place = (page: PageInfo) => (page.area ? areas.indexOf(page.area) + 1 : 0) * 10_000 + page.order;

export const allPages: PageInfo[] = Object.entries(entries).map(([file, entry]) => info(file, entry)).sort((a, b) => place(a) - place(b));
