// Whether the person signed in may open the page an address leads to: no link leads where there is nothing for them.
import { allows, useSession } from '@api/session';
import { allPages } from './registry';

export function useMayOpen(): (to: string) => boolean {
  const session = useSession();
  return (to) => {
    const path = to.replace(/[?#].*$/, '').replace(/^\//, '');
    const page = allPages.find((one) => one.path !== '' && (path === one.path || path.startsWith(`${one.path}/`)));
    return page !== undefined && page.needs.every((cmdlet) => allows(session, cmdlet));
  };
}
