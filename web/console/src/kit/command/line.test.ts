import { describe, expect, it } from 'vitest';
import { CLEARED } from '@api/client';
import { curlLine, shellLine } from './line';

describe('a command as it is typed', () => {
  it.each([
    ['Get-Queue', {}, 'Get-Queue'],
    ['Get-MessageTrace', { SenderAddress: ['*@fabrikam.example', 'kim@contoso.example'], Status: ['Failed'] }, "Get-MessageTrace -SenderAddress '*@fabrikam.example',kim@contoso.example -Status Failed"],
    ['Get-MessageTrace', { Subject: "it's -here", Last: '2.00:00:00' }, "Get-MessageTrace -Subject 'it''s -here' -Last 2.00:00:00"],
    ['Remove-Message', { Identity: 'mx1\\2\\3', WithNDR: false, Confirm: false }, 'Remove-Message -Identity mx1\\2\\3 -WithNDR:false -Confirm:false'],
    ['Retry-Queue', { Identity: 'mx1\\2', Resubmit: true }, 'Retry-Queue -Identity mx1\\2 -Resubmit:true'],
    ['Get-MessageTrace', { Subject: '', RecipientAddress: [], MessageId: ['<a@b>'] }, "Get-MessageTrace -MessageId '<a@b>'"],
    ['Get-MessageTrace', { Subject: '-WhatIf' }, "Get-MessageTrace -Subject '-WhatIf'"],
    ['Get-MessageTrace', { Subject: '$(rm)`;|' }, "Get-MessageTrace -Subject '$(rm)`;|'"],
    ['Set-Mailbox', { Identity: 'sales', ForwardingAddress: CLEARED, MailTip: '' }, "Set-Mailbox -Identity sales -ForwardingAddress $null"],
    ['Set-Mailbox', { Identity: 'sales', GrantSendOnBehalfTo: { Add: ['kim', "O'Hara"] } }, `Set-Mailbox -Identity sales -GrantSendOnBehalfTo @{Add=kim,'O''Hara'}`],
    ['New-Mailbox', { Name: 'Kim', Password: 'Correct-Horse-9' }, "New-Mailbox -Name Kim -Password '…'"],
  ])('%s %j', (name, parameters, line) => expect(shellLine(name, parameters)).toBe(line));

  it('is quoted for a POSIX shell in curl, without a password', () => {
    expect(curlLine('Get-MessageTrace', { Subject: "it's" }, 'ann@contoso.example', 'https://mx1')).toBe(
      `curl -u ann@contoso.example -H 'Content-Type: application/json' -d '{"Subject":"it'\\''s"}' https://mx1/api/v1/cmdlets/Get-MessageTrace`,
    );
  });
});
