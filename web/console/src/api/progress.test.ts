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
  it('is stopped by its id, and says how far it came', async () => {
    const stop = new AbortController();
    const asked: string[] = [];
    let tell: (text: string) => void = () => undefined;
    vi.spyOn(globalThis, 'fetch').mockImplementation((path, init) => {
      if (init?.method === 'DELETE') {
        asked.push(path as string);
        tell('event: answer\ndata: {"status":400,"body":{"error":{"code":"Invalid","message":"stopped in a.log after 7 lines"}}}\n\n');
        return Promise.resolve(new Response(null, { status: 204 }));
      }
      const body = new ReadableStream<Uint8Array>({ start: (controller) => { tell = (text) => controller.enqueue(new TextEncoder().encode(text)); } });
      tell('event: call\ndata: "c-1"\n\nevent: progress\ndata: "5 %"\n\n');
      return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    });
    const run_ = runWithProgress('Import-MessageTrace', { Path: '/x', Place: 'x' } as never, () => stop.abort(), stop.signal);
    await expect(run_).rejects.toMatchObject({ message: 'stopped in a.log after 7 lines' });
    expect(asked).toEqual(['/api/v1/calls/c-1']);
  });
  it('fails when the answer does not come', async () => {
    stream('event: progress\ndata: "1"\n\n');
    await expect(run([])).rejects.toMatchObject({ code: 'Unreachable' });
  });
});
