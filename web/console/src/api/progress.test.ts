import { describe, expect, it, vi } from 'vitest';
import { runWithProgress, takeEvents } from './progress';

const stream = (text: string) => vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(text, { headers: { 'content-type': 'text/event-stream' } }));
const run = (said: string[]) => runWithProgress('Import-MessageTrace', { Path: '/x', Place: 'x' } as never, (sentence) => said.push(sentence), new AbortController().signal);

describe('a cmdlet that tells its progress', () => {
  it('has its events taken whole', () => {
    expect(takeEvents('event: progress\ndata: "a"\n\n: alive\n\nevent: ans')).toEqual({ events: [{ event: 'progress', data: '"a"' }], rest: 'event: ans' });
  });
  it('says how far it is, then answers', async () => {
    stream('event: progress\ndata: "5 % of 10 MB"\n\nevent: answer\ndata: {"status":200,"body":{"value":[{"New":2}],"count":1}}\n\n');
    const said: string[] = [];
    expect((await run(said)).rows).toEqual([{ New: 2 }]);
    expect(said).toEqual(['5 % of 10 MB']);
  });
  it('fails as the call would have', async () => {
    stream('event: answer\ndata: {"status":404,"body":{"error":{"code":"NotFound","message":"no such file"}}}\n\n');
    await expect(run([])).rejects.toMatchObject({ status: 404, message: 'no such file' });
  });
  it('fails when the answer does not come', async () => {
    stream('event: progress\ndata: "1"\n\n');
    await expect(run([])).rejects.toMatchObject({ code: 'Unreachable' });
  });
});
