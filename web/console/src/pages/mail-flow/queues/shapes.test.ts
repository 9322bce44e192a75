import { expect, test } from 'vitest';
import { heatRows, queueName } from './shapes';

test('the history of queues is a table', () => {
  const cell = (NextHop: string, hour: number, Waiting: number) => ({ NextHop, Start: `2026-11-20T0${hour}:00:00Z`, End: `2026-11-20T0${hour + 1}:00:00Z`, Waiting, Passed: Waiting });
  const { starts, rows } = heatRows([cell('b.example', 1, 3), cell('b.example', 2, 0), cell('a.example', 2, 1), cell('a.example', 1, 0)]);
  expect(starts).toEqual(['2026-11-20T01:00:00Z', '2026-11-20T02:00:00Z']);
  expect(rows).toEqual([{ name: 'b.example', values: [3, 0] }, { name: 'a.example', values: [0, 1] }]);
});

test('queues to one host are told apart by their connector', () => expect([queueName({ NextHopDomain: '[127.0.0.1]', NextHopConnectorName: 'To Fabrikam' }), queueName({ NextHopDomain: 'tailspin.example', NextHopConnectorName: null })]).toEqual(['[127.0.0.1], To Fabrikam', 'tailspin.example']));
