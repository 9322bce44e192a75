// Long work: a cmdlet that tells how far it is while it runs, and a file that is sent. Both can be stopped.
import { ApiError, failure, readAnswer, signInAddress, withoutEmpty, type Answer, type CmdletName, type Parameters, type Row } from './client';

const HEADERS = { 'X-Requested-With': 'postroom-console' };

/** The events of a `text/event-stream` that are whole, and what is left of it. */
export function takeEvents(text: string): { events: { event: string; data: string }[]; rest: string } {
  const parts = text.split('\n\n');
  const rest = parts.pop() ?? '';
  const events = parts.flatMap((part) => {
    const line = (name: string) => part.split('\n').filter((l) => l.startsWith(`${name}: `)).map((l) => l.slice(name.length + 2)).join('\n');
    const event = line('event');
    return event ? [{ event, data: line('data') }] : [];
  });
  return { events, rest };
}

/** Listens to a call that tells its progress. `call` is the id under which it can be stopped. */
class Listener<R> {
  private waiting = '';
  private call: string | null = null;
  answer: { status: number; body: unknown } | null = null;

  constructor(private readonly say: (sentence: string) => void) {}

  take(text: string): void {
    const { events, rest } = takeEvents(this.waiting + text);
    this.waiting = rest;
    for (const { event, data } of events) {
      if (event === 'progress') this.say(JSON.parse(data) as string);
      else if (event === 'call') this.call = JSON.parse(data) as string;
      else if (event === 'answer') this.answer = JSON.parse(data) as { status: number; body: unknown };
    }
  }

  /** Asks the server to stop, whose answer then says how far it came. Where it has not begun, or cannot be asked, hanging up stops it. */
  stop(hangUp: () => void): void {
    if (this.answer) return;
    if (!this.call) hangUp();
    else void fetch(`/api/v1/calls/${this.call}`, { method: 'DELETE', headers: HEADERS }).then((answer) => !answer.ok && answer.status !== 404 && hangUp(), hangUp);
  }

  result(): Answer<R> {
    if (!this.answer) throw new ApiError(0, 'Unreachable', '');
    if (this.answer.status >= 400) throw failure(this.answer.status, this.answer.body);
    return readAnswer<R>(this.answer.body);
  }
}

/** Runs a cmdlet and tells each sentence it says of its progress. One that is stopped fails with what the server says of it, if it could say. */
export async function runWithProgress<N extends CmdletName, R = Row<N>>(name: N, parameters: Parameters<N>, say: (sentence: string) => void, signal: AbortSignal): Promise<Answer<R>> {
  const connection = new AbortController();
  const listener = new Listener<R>(say);
  signal.addEventListener('abort', () => listener.stop(() => connection.abort()), { once: true });
  const response = await fetch(`/api/v1/cmdlets/${name}`, { method: 'POST', headers: { ...HEADERS, accept: 'text/event-stream', 'content-type': 'application/json' }, body: JSON.stringify(withoutEmpty(parameters as object)), signal: connection.signal }).catch((error: unknown) => {
    throw signal.aborted ? error : new ApiError(0, 'Unreachable', '');
  });
  if (response.status === 401) location.assign(signInAddress());
  if (!response.ok || !response.body) throw failure(response.status, await response.json().catch(() => undefined));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    listener.take(value ?? '');
    if (listener.answer || done) return listener.result();
  }
}

/** Sends a file as it is; `told` gets the share that has gone. */
export function sendFile(path: string, file: File, told: (share: number) => void, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('X-Requested-With', HEADERS['X-Requested-With']);
    // Nothing else is taken with a session's cookie; what the file is, the server tells from its content.
    request.setRequestHeader('content-type', 'application/json');
    request.responseType = 'json';
    request.upload.addEventListener('progress', (event) => told(event.total > 0 ? event.loaded / event.total : 0));
    request.addEventListener('load', () => (request.status < 400 ? resolve(request.response) : reject(failure(request.status, request.response))));
    request.addEventListener('error', () => reject(new ApiError(0, 'Unreachable', '')));
    request.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

/** Sends a file to a call that reads it for long: `told` gets the share that has gone, `say` what the server says of its progress then. */
export function importFile<R>(path: string, file: File, told: (share: number) => void, say: (sentence: string) => void, signal: AbortSignal): Promise<Answer<R>> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('X-Requested-With', HEADERS['X-Requested-With']);
    request.setRequestHeader('accept', 'text/event-stream');
    request.setRequestHeader('content-type', 'application/octet-stream');
    let read = 0;
    const listener = new Listener<R>(say);
    const listen = () => {
      listener.take(request.responseText.slice(read));
      read = request.responseText.length;
    };
    request.upload.addEventListener('progress', (event) => told(event.total > 0 ? event.loaded / event.total : 0));
    request.addEventListener('progress', () => request.status < 400 && listen());
    request.addEventListener('load', () => {
      if (request.status === 401) location.assign(signInAddress());
      if (request.status >= 400) reject(failure(request.status, parsed(request.responseText)));
      else {
        listen();
        try {
          resolve(listener.result());
        } catch (error) {
          reject(error as Error);
        }
      }
    });
    request.addEventListener('error', () => reject(new ApiError(0, 'Unreachable', '')));
    request.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
    signal.addEventListener('abort', () => listener.stop(() => request.abort()), { once: true });
    request.send(file);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
