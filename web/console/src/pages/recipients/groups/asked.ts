// What the list asks at an address.
import type { Parameters } from '@api/client';

const FILTERS: Record<string, string | undefined> = { distribution: "RecipientTypeDetails -eq 'MailUniversalDistributionGroup'", security: "RecipientTypeDetails -eq 'MailUniversalSecurityGroup'" };

export const asked = (search: string | null, kind: string | null): Parameters<'Get-DistributionGroup'> => ({ Anr: search ?? undefined, Filter: FILTERS[kind ?? 'all'] });
