// The console in a browser, signed in through the server's own page: what every test opens, and what no page may do.
//
// POSTROOM_PICTURES=1 writes docs/console/*.png; POSTROOM_DIST=1 takes the pages from dist and not from the binary.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect, onTestFailed } from 'vitest';
import { startFront } from './front';
import { Postroom } from './server';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = new URL('../../../../docs/console/', import.meta.url).pathname;
const WAIT_MS = 30_000;

export type Colours = 'system' | 'light' | 'dark' | 'contrast';
/** `as`: who is signed in; the administrator if not said. */
export interface Look { colours?: Colours; locale?: string; width?: number; height?: number; zone?: string; as?: Person }
export interface Person { name: string; password: string }
type Signed = Awaited<ReturnType<BrowserContext['storageState']>>;

export class Console {
  readonly complaints: string[] = [];
  private readonly sessions = new Map<string, Promise<Signed>>();

  private constructor(readonly postroom: Postroom, readonly browser: Browser, readonly url: string, private readonly close: () => void) {}

  static async start(): Promise<Console> {
    const postroom = await Postroom.start();
    const front = process.env.POSTROOM_DIST ? await startFront(postroom) : null;
    const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
    return new Console(postroom, browser, front?.url ?? postroom.http, () => front?.server.close());
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.close();
    await this.postroom.stop();
  }

  get administrator(): Person {
    return { name: 'administrator', password: this.postroom.password };
  }

  /** A page of its own context, signed in. */
  async open(path: string, look: Look = {}): Promise<Page> {
    const page = await this.ready(look);
    await page.goto(`${this.url}/admin${path}`);
    await page.locator('h1').waitFor();
    return page;
  }

  /** Signed in, nothing opened yet. */
  async ready(look: Look = {}): Promise<Page> {
    const { context, page } = await this.blank(look, await this.session(look.as ?? this.administrator));
    await this.prepare(context, look);
    return page;
  }

  /** Signs in as a person does. */
  async signIn(page: Page, person: Person): Promise<void> {
    await page.getByLabel('User name').fill(person.name);
    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Once for each person: signing in is slow on purpose. */
  private session(person: Person): Promise<Signed> {
    const known = this.sessions.get(person.name);
    if (known) return known;
    const made = (async () => {
      const { context, page } = await this.blank({});
      await page.goto(`${this.url}/sign-in`);
      await this.signIn(page, person);
      await page.waitForURL(/\/admin\//);
      const signed = await context.storageState();
      await context.close();
      return { ...signed, origins: [] };
    })();
    this.sessions.set(person.name, made);
    return made;
  }

  /** Nobody signed in. What the page complains about, and each request elsewhere, is kept for `clean`. */
  async blank(look: Look, storageState?: BrowserContextOptions['storageState']): Promise<{ context: BrowserContext; page: Page }> {
    const context = await this.browser.newContext({ viewport: { width: look.width ?? 1440, height: look.height ?? 900 }, locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce', acceptDownloads: true, storageState });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    leaveBehind(page);
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(this.url)) this.complaints.push(`asked ${request.url()}`);
    });
    return { context, page };
  }

  private async prepare(context: BrowserContext, look: Look) {
    await context.addInitScript((chosen) => {
      document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
      if (chosen.colours) localStorage.setItem('postroom.colours', chosen.colours);
      if (chosen.locale) localStorage.setItem('postroom.locale', chosen.locale);
      if (chosen.zone) localStorage.setItem('postroom.zone', chosen.zone);
    }, { colours: look.colours ?? 'light', locale: look.locale, zone: look.zone });
  }

  /** Nothing was complained about since the last call. */
  clean(): void {
    expect(this.complaints.splice(0)).toEqual([]);
  }
}

/** What a test that failed saw, in the folder for temporary files; the page goes, so that the next test has the machine to itself. */
function leaveBehind(page: Page): void {
  try {
    onTestFailed(async ({ task }) => {
      if (page.isClosed()) return;
      const path = join(tmpdir(), 'postroom-e2e-failed', `${task.name.replaceAll(/[^\w-]+/g, '-').slice(0, 80)}.png`);
      await page.screenshot({ path }).then(() => console.log(`picture: ${path}`), () => undefined);
      await page.context().close();
    });
  } catch {
    // Opened outside a test.
  }
}

/** axe-core finds nothing. Left out: only the empty stops that Fluent puts around a focus trap. */
export async function accessible(page: Page): Promise<void> {
  await still(page);
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (where: object, how: object) => Promise<{ violations: { id: string; help: string; nodes: { target: unknown[]; failureSummary: string }[] }[] }> } };
    const result = await axe.run({ exclude: [['[data-tabster-dummy]']] }, { resultTypes: ['violations'] });
    return result.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.target.join(' ')} [${n.failureSummary}]`).slice(0, 3).join(' | ')}`);
  });
  expect(found).toEqual([]);
}

/** Drawers have glided in, colours are those they change to, and behind a dialog that is gone the page is there again. */
async function still(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))));
  await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getComputedTiming().iterations === Infinity));
  await page.waitForFunction(() => document.querySelector('[role=dialog], [role=alertdialog], [role=menu], [role=listbox]') || !document.querySelector('#root[aria-hidden=true]'));
}

/** Nothing is on its way any more; what shows how far something is may stay. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('[role=progressbar]:not([aria-valuenow])'));
}

/** Nothing scrolls sideways: neither the window nor what fills it. A table may, within itself. */
export async function fits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => [document.documentElement, ...document.querySelectorAll('main, .fui-DrawerBody')].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => `${e.tagName} ${e.className.slice(0, 20)}: ${e.scrollWidth} in ${e.clientWidth}`));
  expect(wide).toEqual([]);
}

/** Only when asked for: a picture is for people, and each one changes a little with the time in it. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.POSTROOM_PICTURES) return;
  mkdirSync(pictures, { recursive: true });
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.fonts.ready);
  await still(page);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
