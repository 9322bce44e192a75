// Words of the page DNS records.
import { defineText } from '@i18n/t';

export const t = defineText('mail-flow.dns-records', {
  title: 'DNS records', lead: 'What the name servers of your domains should say, so that mail reaches you and others trust yours. Each record is compared with what is published now; nothing is changed from here.',
  failed: 'The records could not be read', empty: 'No accepted domains.', unchecked: { one: '{n} record could not be checked:', other: '{n} records could not be checked:' }, check: 'Check now', checking: 'Checking', export: 'Export list', copyAll: 'Copy as zone file', copied: 'Copied', allDomains: 'All domains', domain: 'Domain', only: 'Show', summary: 'Records by state', copy: 'Copy', copyName: 'Copy the name', copyValue: 'Copy the value', copyLine: 'Copy as a line of a zone file',
  type: 'Type', name: 'Name', value: 'Publish', found: 'Published now', state: 'State', purpose: 'For', reason: 'Why', fix: 'What to do', note: 'Remember', checked: 'Checked, {zone}', nothing: 'Nothing',
  Matches: 'Matches', Differs: 'Differs', Missing: 'Missing', NotNeeded: 'Not needed', NotChecked: 'Not checked', notSigned: 'This server does not sign', notServed: 'Not served here',
  notSignedMeans: 'Nothing is to be published for this server: mail of the domain leaves it without a DKIM signature. If another system signs for the domain, such as a smart host behind this one, its key stands under a selector of its own; leave that as it is.',
  Mail: 'Mail to the domain', MailOfSubdomains: 'Mail to its subdomains', SenderPolicy: 'SPF: who may send', SigningKey: 'DKIM: signing key', Policy: 'DMARC: what becomes of the rest', Submission: 'Mail programs: sending', Autodiscover: 'Mail programs: Autodiscover', ServerAddress: 'Address of the server', ReverseName: 'Name of the address',
});
