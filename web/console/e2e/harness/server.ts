// The real server in a folder of its own, with an organization and an administrator.
import { spawn, execFile, execFileSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const START_MS = 30_000;
const root = new URL('../../../../', import.meta.url).pathname;

function binary(): string {
  const candidates = [process.env.POSTROOM_BIN, join(root, 'target/debug/postroom'), join(root, 'target/release/postroom')];
  const found = candidates.find((path) => path && existsSync(path));
  if (!found) throw new Error('no postroom to test: build it (cargo build -p server), or set POSTROOM_BIN');
  return found;
}

export interface Answer { value: Record<string, unknown>[]; count: number | null }

export class Postroom {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    readonly password: string,
    readonly ports: Record<string, number>,
  ) {}

  get http(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  static async start(): Promise<Postroom> {
    const folder = mkdtempSync(join(tmpdir(), 'postroom-e2e-'));
    const data = join(folder, 'data');
    const config = join(folder, 'postroom.toml');
    const any = '"127.0.0.1:0"';
    writeFileSync(config, `[listen]\nsmtp = ${any}\nsubmission = ${any}\nhttp = ${any}\nhttps = ${any}\n\n[dns]\nservers = ["127.0.0.1:9"]\n\n[trace]\nimport_folders = ["${tmpdir()}"]\n\n[log]\nfile = "${join(folder, 'service.log')}"\n`);
    const said = execFileSync(binary(), ['init', '--data', data, '--domain', 'contoso.example', '--server-name', 'mx1'], { encoding: 'utf8' });
    const password = /^Password: *(\S+)/m.exec(said)?.[1] ?? '';
    const child = spawn(binary(), ['serve', '--data', data, '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr?.on('data', (chunk) => (errors += String(chunk)));
    const ports = await waitFor(() => {
      if (child.exitCode !== null) throw new Error(`the server ended: ${errors}`);
      const file = join(data, 'run/ports.json');
      return existsSync(file) ? readPorts(file) : null;
    }, START_MS, 'the server to listen');
    return new Postroom(child, folder, password, ports);
  }

  get authorization(): string {
    return `Basic ${Buffer.from(`administrator:${this.password}`).toString('base64')}`;
  }

  async run(cmdlet: string, parameters: object = {}): Promise<Answer> {
    const answer = await fetch(`${this.http}/api/v1/cmdlets/${cmdlet}`, { method: 'POST', headers: { authorization: this.authorization, 'content-type': 'application/json' }, body: JSON.stringify(parameters) });
    const body = (await answer.json()) as Answer & { error?: { message: string } };
    if (!answer.ok) throw new Error(`${cmdlet}: ${body.error?.message ?? answer.status}`);
    return body;
  }

  /** Types lines into the shell on the server; fails with what it says against them. */
  async shell(lines: string): Promise<string> {
    return (await promisify(execFile)(binary(), ['shell', '--data', join(this.folder, 'data'), '-c', lines], { encoding: 'utf8' })).stdout;
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.process.once('exit', done));
    this.process.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function readPorts(file: string): Record<string, number> | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  } catch {
    return null;
  }
}

/** Asks again until there is an answer; fails by name when there is none in time. */
export async function waitFor<T>(ask: () => T | null | undefined | false | Promise<T | null | undefined | false>, ms: number, what: string): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}
