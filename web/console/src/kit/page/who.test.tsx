// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest';
import { mount, unmountAll, words } from '@kit/testing';
import { useWho } from './who';

const YOU = 'you, as administrator of this organization';
const LARGER = 'Send it smaller, or share it as a link; or raise Set-TransportConfig -MaxReceiveSize.';

function Who({ actor, remedy }: { actor: string; remedy: string }) {
  return <p>{useWho()(actor, remedy)}</p>;
}
afterEach(unmountAll);

it.each([
  [YOU, "Retry-Queue 'mx1\\3' tries at once.", ['Retry-Queue'], YOU],
  [YOU, "Retry-Queue 'mx1\\3' tries at once.", ['Get-MessageTrace'], 'an administrator of this organization'],
  [YOU, 'Look at the service log.', ['Set-TransportConfig'], YOU],
  [YOU, 'Look at the service log.', [], 'an administrator of this organization'],
  ['the sender', LARGER, ['Set-TransportConfig'], `the sender, or ${YOU}`],
  ['the sender', 'Send it smaller; or raise -MaxSendSize.', [], 'the sender, or an administrator of this organization'],
  ['the sender', 'Correct the address.', ['Set-TransportConfig'], 'the sender'],
  ['your administrator', 'Ask.', [], 'your administrator'],
])('%s, %s', async (actor, remedy, may, said) => {
  await mount(<Who actor={actor} remedy={remedy} />, { may });
  expect(words()).toBe(said);
});
