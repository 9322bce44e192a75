// What a page says of itself for the menu.
import type { CmdletName, Parameters } from '@api/client';
import type { IconName } from '@kit/icons';

/** What a page asks first at an address. */
export interface Read { cmdlet: CmdletName; parameters: object }

export const read = <N extends CmdletName>(cmdlet: N, parameters: Parameters<N> = {} as Parameters<N>): Read => ({ cmdlet, parameters: parameters as object });

export interface Entry {
  /** What the menu and the document's title say. */
  title: () => string;
  icon: IconName;
  /** Place among the pages of its area; lower is higher up. */
  order: number;
  /** The page is there for who may run all of these. */
  needs: CmdletName[];
  /** What it reads first, without parameters or as the address says: fetched while the frame is still being drawn. */
  reads?: CmdletName[] | ((address: URLSearchParams) => Read[]);
}

export const defineEntry = (entry: Entry): Entry => entry;
