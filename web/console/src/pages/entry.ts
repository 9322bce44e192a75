// What a page says of itself for the menu.
import type { CmdletName } from '@api/client';
import type { IconName } from '@kit/icons';

export interface Entry {
  /** What the menu and the document's title say. */
  title: () => string;
  icon: IconName;
  /** Place among the pages of its area; lower is higher up. */
  order: number;
  /** The page is there for who may run all of these. */
  needs: CmdletName[];
  /** What it reads first, without parameters: fetched while the frame is still being drawn. */
  reads?: CmdletName[];
}

export const defineEntry = (entry: Entry): Entry => entry;
