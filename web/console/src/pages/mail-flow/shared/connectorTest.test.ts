import { expect, test } from 'vitest';
import { trialOf } from './connectorTest';

test('a new connector is tried by what it would send with', () => {
  const changes = [{ cmdlet: 'New-SendConnector' as const, parameters: { Name: 'Relay', AddressSpaces: ['*'], SmartHosts: ['192.0.2.1'], Port: 587, Comment: 'x', Enabled: false } }];
  expect(trialOf(changes)).toEqual({ Name: 'Relay', SmartHosts: ['192.0.2.1'], Port: 587 });
});

test('one that is there is tried with what would be changed', () => {
  const changes = [{ cmdlet: 'Set-SendConnector' as const, parameters: { Identity: 'g', Name: 'New name', Port: 2525 } }];
  expect(trialOf(changes, 'g')).toEqual({ Identity: 'g', Port: 2525 });
  expect(trialOf([], 'g')).toEqual({ Identity: 'g' });
});
