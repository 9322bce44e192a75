// What may go to a remote domain, as a form.
import type { Change } from '@kit/confirm/ConfirmDialog';
import { changed } from '@kit/forms/changes';
import { z } from '@kit/forms/zod';
import { nameField } from './AcceptedDetails';
import { DOMAIN, type RemoteDomain } from './shapes';
import { t } from './text';

export interface RemoteSettings {
  AllowedOOFType: string; AutoReplyEnabled: boolean; AutoForwardEnabled: boolean; NDREnabled: boolean; DeliveryReportEnabled: boolean; NDRDiagnosticInfoEnabled: boolean; MeetingForwardNotificationEnabled: boolean; IsInternal: boolean; ContentType: string; CharacterSet: string;
}
export interface RemoteForm extends RemoteSettings { Name: string }
export interface NewRemote extends RemoteForm { DomainName: string }

const settingFields = () => ({
  AllowedOOFType: z.string(), AutoReplyEnabled: z.boolean(), AutoForwardEnabled: z.boolean(), NDREnabled: z.boolean(), DeliveryReportEnabled: z.boolean(), NDRDiagnosticInfoEnabled: z.boolean(), MeetingForwardNotificationEnabled: z.boolean(), IsInternal: z.boolean(), ContentType: z.string(), CharacterSet: z.string(),
});
export const remoteSchema = () => z.object({ Name: nameField(), ...settingFields() });
export const newRemoteSchema = () => z.object({ Name: nameField(), DomainName: z.string().refine((text) => DOMAIN.test(text.trim()), t('domainBad')), ...settingFields() });

export const remoteOf = (d: RemoteDomain): RemoteForm => ({
  Name: d.Name, AllowedOOFType: d.AllowedOOFType, AutoReplyEnabled: d.AutoReplyEnabled, AutoForwardEnabled: d.AutoForwardEnabled, NDREnabled: d.NDREnabled, DeliveryReportEnabled: d.DeliveryReportEnabled, NDRDiagnosticInfoEnabled: d.NDRDiagnosticInfoEnabled,
  MeetingForwardNotificationEnabled: d.MeetingForwardNotificationEnabled, IsInternal: d.IsInternal, ContentType: d.ContentType, CharacterSet: d.CharacterSet ?? '',
});

/** What New-RemoteDomain gives an entry by itself. */
const MADE: RemoteSettings = { AllowedOOFType: 'External', AutoReplyEnabled: true, AutoForwardEnabled: true, NDREnabled: true, DeliveryReportEnabled: true, NDRDiagnosticInfoEnabled: true, MeetingForwardNotificationEnabled: true, IsInternal: false, ContentType: 'MimeHtmlText', CharacterSet: '' };
export const NEW_REMOTE: NewRemote = { Name: '', DomainName: '', ...MADE };

/** The entry, then what differs from what it has by itself. */
export function newRemoteChanges({ Name, DomainName, ...settings }: NewRemote): Change[] {
  const given = changed(MADE, settings);
  const made: Change = { cmdlet: 'New-RemoteDomain', parameters: { Name: Name.trim(), DomainName: DomainName.trim() } };
  return Object.keys(given).length === 0 ? [made] : [made, { cmdlet: 'Set-RemoteDomain', parameters: { Identity: Name.trim(), ...given } }];
}
