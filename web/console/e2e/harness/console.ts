// The console in a browser: what every test opens, and what no page may do.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { startFront } from './front';
import { Postroom } from './server';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const pictures = new URL('../../../../docs/console/', import.meta.url).pathname;

export type Colours = 'light' | 'dark' | 'contrast';
export interface Look { colours?: Colours; locale?: string; width?: number; height?: number; zone?: string; scale?: number }

export class Console {
  readonly complaints: string[] = [];

  private constructor(readonly postroom: Postroom, readonly browser: Browser, readonly url: string, private readonly close: () => void) {}

  static async start(): Promise<Console> {
    const postroom = await Postroom.start();
    const { url, server } = await startFront(postroom);
    const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
    return new Console(postroom, browser, url, () => server.close());
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.close();
    await this.postroom.stop();
  }

  /** A page of its own context. What it complains about, and each request elsewhere, is kept for `clean`. */
  async open(path: string, look: Look = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: look.width ?? 1440, height: look.height ?? 900 }, deviceScaleFactor: look.scale ?? 1, locale: 'en-GB', timezoneId: 'Europe/Berlin', acceptDownloads: true });
    await this.prepare(context, look);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('console', (message) => {
      // A session the server does not offer yet is asked for and not found.
      if (message.type() === 'error' && !message.location().url.endsWith('/api/v1/session')) this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(this.url)) this.complaints.push(`asked ${request.url()}`);
    });
    await page.goto(`${this.url}/admin${path}`);
    await page.locator('h1').waitFor();
    return page;
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

/** axe-core finds nothing. Left out: only the empty stops that Fluent puts around a focus trap. */
export async function accessible(page: Page): Promise<void> {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (where: object, how: object) => Promise<{ violations: { id: string; help: string; nodes: { target: unknown[]; failureSummary: string }[] }[] }> } };
    const result = await axe.run({ exclude: [['[data-tabster-dummy]']] }, { resultTypes: ['violations'] });
    return result.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.target.join(' ')} [${n.failureSummary}]`).slice(0, 3).join(' | ')}`);
  });
  expect(found).toEqual([]);
}

/** Nothing sticks out of the window sideways. */
export async function fits(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
}

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.fonts.ready);
  // Drawers and dialogs glide in.
  await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getComputedTiming().iterations === Infinity));
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
