// What the console weighs, how soon it is there, and how long a change in the Explorer takes until it is painted, in a real browser.
//
//   npm run build:console && npm run bench:console           (or: node bench/console.ts [usage events])
//
// First loads are of a fresh browser profile with the processor slowed to a quarter, on loopback, with the demo's organisation.
// The Explorer's changes are over 5,000,000 usage events of 90 days, from the new address to the frame after the answer is drawn;
// every question is another one, so that none comes from the browser's cache. Floors: 250 KB for the first route, 500 ms at p95.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDemoFolder } from '../examples/demo/prepared-folder.ts';
import { ChdbEngine } from '../src/adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../src/adapters/clickhouse-cost-store.ts';
import { signIn } from '../test/console/browser-session.ts';
import { ConsoleBrowser, type Credentials } from '../test/console/console.ts';
import { PAGE_PATHS, pageAddress, pageIds } from '../test/console/page-addresses.ts';
import { settled } from '../test/console/settled.ts';
import { startServer, type TestServer } from '../test/server.ts';
import { fillLineItems } from './queries/line-items.ts';
import { percentile } from './queries/timing.ts';

const CPU_SLOWDOWN = 4;
const LOADS = Number(process.env.BENCH_LOADS ?? 5);
const DATABASE = 'tallyline';
const RANGES = ['2026-05-01..2026-05-29', '2026-04-01..2026-04-30', '2026-03-01..2026-05-29', '2026-03-10..2026-04-20'];
const GROUPINGS = [
  'by=principal',
  'by=person',
  'by=model',
  'by=region&by=model',
  'by=direction',
  'by=role&by=model&by=region',
];
const CHARTS = ['bars', 'area', 'line'];

const folders: string[] = [];
const temporary = () => {
  folders.push(mkdtempSync(join(tmpdir(), 'tallyline-bench-')));
  return folders.at(-1)!;
};

try {
  if (LOADS > 0) await measureLoads();
  await measureExplorer(Number(process.argv[2] ?? 5_000_000));
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

async function withServer(
  data: string,
  run: (server: TestServer, browser: ConsoleBrowser) => Promise<void>,
): Promise<void> {
  const configFile = join(data, 'tallyline.yaml');
  const config = JSON.parse(readFileSync(configFile, 'utf8')) as object;
  const server = await startServer({ data, config });
  const browser = await ConsoleBrowser.launch(server.url);
  try {
    await run(server, browser);
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function measureLoads(): Promise<void> {
  const data = temporary();
  await prepareDemoFolder({ dataFolder: data, nowMs: Date.now() });
  await withServer(data, async (server, browser) => {
    const { credentials } = server.admin;
    const ids = await pageIds(await signIn(server.url, credentials));
    console.log(`first load, processor slowed ${CPU_SLOWDOWN}x, median of ${LOADS}`);
    console.log(`${'page'.padEnd(24)}${'KB'.padStart(8)}${'heading ms'.padStart(12)}${'complete ms'.padStart(13)}`);
    for (const path of PAGE_PATHS) {
      const loads: Load[] = [];
      for (let load = 0; load < LOADS; load += 1) {
        loads.push(await firstLoad(browser, pageAddress(path, ids), credentials));
      }
      const median = (read: (load: Load) => number) => percentile(loads.map(read), 0.5);
      const cells = [
        (median(({ bytes }) => bytes) / 1_000).toFixed(0).padStart(8),
        median(({ headingMs }) => headingMs)
          .toFixed(0)
          .padStart(12),
        median(({ completeMs }) => completeMs)
          .toFixed(0)
          .padStart(13),
      ];
      console.log(path.padEnd(24) + cells.join(''));
    }
  });
}

interface Load {
  /** Of the page itself, as transferred: not of the answers that it shows. */
  readonly bytes: number;
  readonly headingMs: number;
  readonly completeMs: number;
}

async function firstLoad(browser: ConsoleBrowser, path: string, credentials: Credentials): Promise<Load> {
  const page = await browser.open('/no-such-page', credentials);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  const files = new Set<string>();
  let bytes = 0;
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (!response.url.includes('/api/')) files.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (files.has(requestId)) bytes += encodedDataLength;
  });
  const begun = performance.now();
  await page.goto(new URL(`/console${path}`, page.url()).href, { waitUntil: 'commit' });
  await page.getByRole('heading', { level: 1 }).waitFor();
  const headingMs = performance.now() - begun;
  await settled(page);
  const completeMs = performance.now() - begun;
  await page.waitForLoadState('load');
  await page.context().close();
  return { bytes, headingMs, completeMs };
}

async function measureExplorer(events: number): Promise<void> {
  const data = temporary();
  // The first start makes the directory; then the store is filled as the cost path would have left it.
  await (await startServer({ data, config: {} })).stop();
  const engine = await ChdbEngine.start({ folder: join(data, 'store') });
  const store = new ClickHouseCostStore({ connection: () => engine.connection(), database: DATABASE });
  await store.prepare();
  console.log(`\nExplorer: ${await fillLineItems(engine, DATABASE, events)}`);
  await store.close();
  await engine.close();
  const server = await startServer({ data, config: {} });
  const browser = await ConsoleBrowser.launch(server.url);
  try {
    const page = await browser.open(`/explorer?range=${RANGES[0]}&by=model`, server.admin.credentials);
    await settled(page);
    const times: number[] = [];
    for (const chart of CHARTS) {
      for (const range of RANGES) {
        for (const [index, grouping] of GROUPINGS.entries()) {
          const measure = ['cost', 'requests', 'tokens'][CHARTS.indexOf(chart)];
          const address = `/console/explorer?range=${range}&${grouping}&chart=${chart}&measure=${measure}&top=${[5, 10, 20][index % 3]}`;
          times.push(await page.evaluate(changeUntilPaint, address));
        }
      }
    }
    const [p50, p95, max] = [0.5, 0.95, 1].map((share) => percentile(times, share).toFixed(0));
    console.log(
      `${times.length} changes, from the address to the paint: p50 ${p50} ms, p95 ${p95} ms, longest ${max} ms`,
    );
    if (browser.troubles.length > 0) console.log(browser.troubles);
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** What of a browser's globals is used in the page; the types of this program are Node's. */
interface PageGlobals {
  readonly document: { querySelector(selector: string): object | null };
  readonly history: { pushState(state: object, unused: string, address: string): void };
  readonly requestAnimationFrame: (callback: () => void) => void;
}

/** Runs in the page. */
async function changeUntilPaint(address: string): Promise<number> {
  const { document, history, requestAnimationFrame } = globalThis as unknown as PageGlobals;
  const frame = () => new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));
  const isBusy = () => document.querySelector('main section[aria-busy=true], main .skeleton') !== null;
  const begun = performance.now();
  history.pushState({ key: address }, '', address);
  // The next frame shows that it is asking.
  for (let frames = 0; frames < 60 && !isBusy(); frames += 1) await frame();
  while (isBusy()) await frame();
  await frame();
  return performance.now() - begun;
}
