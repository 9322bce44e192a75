import { afterEach, expect, it, vi } from 'vitest';
import { relatedIds } from './related';

const linkedOf: Record<string, string[]> = { m: ['ndr'], ndr: ['m'] };
let asked: string[];

afterEach(() => vi.unstubAllGlobals());

it.each([
  ['m', ['<m@x>', '<ndr@x>'], true, ['m', 'ndr']],
  ['ndr', ['<ndr@x>', '<m@x>'], true, ['ndr', 'm']],
  ['m', ['<m@x>'], false, []],
])('of %s: %s', async (id, found, mayLink, read) => {
  asked = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const { MessageTraceId } = (await request.json()) as { MessageTraceId: string };
    asked.push(MessageTraceId);
    return Response.json({ value: { MessageTraceId, MessageId: `<${MessageTraceId}@x>`, Linked: (linkedOf[MessageTraceId] ?? []).map((one) => ({ MessageTraceId: one })) } });
  });
  vi.stubGlobal('location', new URL('http://localhost/'));
  expect(await relatedIds([{ MessageTraceId: id, MessageId: `<${id}@x>` }, { MessageTraceId: id, MessageId: `<${id}@x>` }], mayLink)).toEqual(found);
  expect(asked).toEqual(read);
});
