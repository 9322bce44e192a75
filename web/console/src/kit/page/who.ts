// Who can act, as the reader reads it: the server says "you, as administrator" to everybody, and a remedy may name what only an administrator can do.
import type { CmdletName } from '@api/client';
import { useCan } from '@api/session';
import { defineText } from '@i18n/t';

const t = defineText('who', { you: 'you, as administrator of this organization', administrator: 'an administrator of this organization', either: '{one}, or {other}' });

/** As the server says it. */
const ADMINISTRATOR = 'you, as administrator of this organization';
const CHANGES = /\b(?:Set|New|Add|Remove|Enable|Disable|Grant|Retry|Resume|Suspend|Start|Stop)-[A-Z]\w+/g;
/** A parameter without its cmdlet: `raise -MaxReceiveSize`. */
const PARAMETER = /(?:^|[\s(])-[A-Z]\w+/;
/** Whoever may do one of these runs the mail flow. */
const USUAL: CmdletName[] = ['Set-TransportConfig', 'Set-SendConnector', 'Retry-Queue'];

/** `whoCanAct(ActionNeededBy, Fix)` in words. */
export function useWho(): (actor: string | null, remedy?: string | null) => string | null {
  const can = useCan();
  return (actor, remedy) => {
    if (!actor) return null;
    const named = (remedy?.match(CHANGES) ?? []) as CmdletName[];
    const administrator = (named.length > 0 ? named : USUAL).some(can) ? t('you') : t('administrator');
    if (actor === ADMINISTRATOR) return administrator;
    const takesOne = named.length > 0 || PARAMETER.test(remedy ?? '');
    return takesOne && actor !== 'nobody' && !actor.includes('administrator') ? t('either', { one: actor, other: administrator }) : actor;
  };
}
