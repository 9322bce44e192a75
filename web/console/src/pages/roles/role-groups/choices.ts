// The roles and domains there are, as choices of a form.
import { useCmdlet } from '@api/cmdlet';
import { useCan } from '@api/session';
import type { Choice } from '@kit/forms/fields';
import type { Domain, Role } from './shapes';
import { t } from './text';

export function useRoleChoices(): Choice[] {
  const can = useCan();
  const answer = useCmdlet<'Get-ManagementRole', Role>('Get-ManagementRole', {}, { enabled: can('Get-ManagementRole') });
  return (answer.data?.rows ?? []).map((role) => ({ value: role.Name, label: role.Name, hint: `${role.Description} (${t('cmdlets', { n: role.Cmdlets.length })})` }));
}

/** Those of the group are offered as well, should the person not see the domains. */
export function useDomainChoices(chosen: string[]): Choice[] {
  const can = useCan();
  const answer = useCmdlet<'Get-AcceptedDomain', Domain>('Get-AcceptedDomain', {}, { enabled: can('Get-AcceptedDomain') });
  return [...new Set([...(answer.data?.rows ?? []).map((d) => d.DomainName), ...chosen])].map((name) => ({ value: name, label: name }));
}
