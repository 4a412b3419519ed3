import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium.ts';

/** What somebody signs in with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface OpenOptions {
  /** Default: 1440 x 900. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Default: light. */
  readonly colorScheme?: 'light' | 'dark';
  /** Pixels of a picture to one of the page. Default: 1. */
  readonly scale?: number;
  /** Zone of the browser. Default: UTC. */
  readonly timeZone?: string;
}

/** Without Chromium's own talk to its maker, and as root. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real browser in front of a server. */
export class ConsoleBrowser {
  readonly #browser: Browser;
  readonly #url: string;
  /** What went wrong on pages that no test asked about: errors of scripts, policy violations, requests to other places. */
  readonly troubles: string[] = [];

  private constructor(browser: Browser, url: string) {
    this.#browser = browser;
    this.#url = url;
  }

  static async launch(url: string): Promise<ConsoleBrowser> {
    const executablePath = findChromium();
    if (executablePath === undefined)
      throw new Error('there is no Chromium: set CHROMIUM_PATH, or run the tests by `npm test`');
    return new ConsoleBrowser(await chromium.launch({ executablePath, args: ARGUMENTS }), url);
  }

  /** A page of somebody who is signed in, in a browser profile of its own. `path` is below `/console`: `/explorer?range=7d`. */
  async open(path: string, credentials: Credentials, options: OpenOptions = {}): Promise<Page> {
    const context = await this.#context(options);
    const answer = await context.request.post(`${this.#url}/api/v1/sign-in`, { data: credentials });
    if (!answer.ok()) throw new Error(`signing in failed: ${await answer.text()}`);
    return await this.#page(context, path);
  }

  /** A page that nobody has signed in to. */
  async openSignedOut(path: string, options: OpenOptions = {}): Promise<Page> {
    return await this.#page(await this.#context(options), path);
  }

  /** Another address in an open page. */
  async goTo(page: Page, path: string): Promise<void> {
    await page.goto(`${this.#url}/console${path}`);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  async #context(options: OpenOptions): Promise<BrowserContext> {
    const { viewport = { width: 1440, height: 900 }, colorScheme = 'light', scale = 1, timeZone = 'UTC' } = options;
    return await this.#browser.newContext({
      ...{ viewport, colorScheme, timezoneId: timeZone, locale: 'en-US', reducedMotion: 'reduce' },
      ...{ acceptDownloads: true, deviceScaleFactor: scale },
    });
  }

  async #page(context: BrowserContext, path: string): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => this.troubles.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      // A refused request is the page's to show; the browser notes it here as well.
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isRefusal) this.troubles.push(`${page.url()}: ${message.text()}`);
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== this.#url && protocol !== 'data:' && protocol !== 'blob:')
        this.troubles.push(`asked ${request.url()}`);
    });
    await this.goTo(page, path);
    return page;
  }
}

/** What WCAG 2.2 AA asks for and the page does not have, as `rule: what` with the first place; empty when it is accessible. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const page = globalThis as unknown as {
      readonly axe: {
        run(options: object): Promise<{
          violations: { id: string; help: string; nodes: { target: string[]; failureSummary?: string }[] }[];
        }>;
      };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await page.axe.run({ runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
    return violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help} (${nodes.length}x, ${nodes[0]?.target.join(' ')}: ${nodes[0]?.failureSummary})`,
    );
  });
}
