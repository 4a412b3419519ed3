import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ChdbEngine } from '../../src/adapters/chdb-engine.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { AcknowledgedCalls } from './acknowledged-calls.ts';
import { enginePid } from './engine-process.ts';
import { failedStart, refusedWith } from './failed-start.ts';
import { callAs, callAsAdmin } from './principals.ts';
import { errorOf, jsonCall, send, stsCall } from './raw-client.ts';
import { expectNoSecrets, watch } from './secret-watch.ts';

/** Times that the engine is killed under load. */
const KILLS = 3;
const CLIENTS = 4;

afterAll(() => {
  expectNoSecrets();
  removeFolders();
});

// peers rows 32.
describe('an engine that is killed', () => {
  it('is never noticed by inference, and has every call once when it is back', async () => {
    const server = watch(await startServer());
    const calls = new AcknowledgedCalls(() => server);
    const statuses = new Set<number>();
    const reports = new Set<string>();
    let isOver = false;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (!isOver) statuses.add((await calls.call(server.admin.credentials)).status);
    });
    const reader = (async () => {
      while (!isOver) {
        const answer = await callAs(
          server,
          server.admin.credentials,
          'tallyline',
          jsonCall('Tallyline.ListRequests', { MaxResults: 1 }),
        );
        reports.add(answer.status === 200 ? 'answered' : `${answer.status} ${errorOf(answer).code}`);
      }
    })();
    for (let kill = 0; kill < KILLS; kill++) {
      const before = calls.count;
      await expect.poll(() => enginePid(server), { timeout: 20_000 }).toBeDefined();
      const pid = enginePid(server)!;
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => calls.count, { timeout: 20_000 }).toBeGreaterThan(before + 20);
      await expect.poll(() => enginePid(server) ?? pid, { timeout: 20_000 }).not.toBe(pid);
    }
    isOver = true;
    await Promise.all([...clients, reader]);
    expect([...statuses]).toEqual([200]);
    // A report waits for the engine, or says that it is away.
    expect([...reports].filter((one) => one !== 'answered' && one !== '503 StoreUnavailable')).toEqual([]);
    const shipped = async () => (await callAsAdmin(server, 'tallyline', jsonCall('Tallyline.GetDiagnosis', {}))).text;
    await expect.poll(shipped, { timeout: 30_000 }).toContain(`embedded, ${calls.count} requests`);
    await calls.expectTotals();
    expect(server.output()).not.toContain('"msg":"bug"');
    expect(server.output()).toContain("cost store: the engine's process ended with SIGKILL");
    expect(await server.stop()).toBe(0);
  });

  it('at the moment of SIGTERM keeps the server neither from ending nor from counting', async () => {
    const server = watch(await startServer());
    const calls = new AcknowledgedCalls(() => current);
    let current: TestServer = server;
    for (let call = 0; call < 10; call++) await calls.call(server.admin.credentials);
    process.kill(enginePid(server)!, 'SIGKILL');
    expect(await server.stop()).toBe(0);
    current = watch(await startServer({ data: server.data }));
    await calls.expectListed();
    await calls.expectTotals();
    expect(await current.stop()).toBe(0);
  });
});

describe('a store that cannot be opened', () => {
  it('ends the start with a sentence that names it', async () => {
    const data = temporaryFolder('store');
    writeFileSync(join(data, 'store'), 'a file');
    const sentence = new RegExp(`\`${join(data, 'store')}\` cannot be opened by the embedded cost store: [^\n]*`);
    expect(await failedStart(data)).toEqual(refusedWith(sentence));
  });

  it('because another process has it is not touched', async () => {
    const data = temporaryFolder('store');
    const folder = join(data, 'store');
    const engine = await ChdbEngine.start({ folder });
    const sentence = `\`${folder}\` is in use by another process; stop it or choose another data folder`;
    expect(await failedStart(data)).toEqual(refusedWith(sentence));
    await engine.close();
    const server = watch(await startServer({ data }));
    await callAsAdmin(server, 'sts', stsCall('GetCallerIdentity'));
    expect(await server.stop()).toBe(0);
  });

  it('because its files are damaged ends the start, or is told by every report, and loses no call', async () => {
    const data = temporaryFolder('store');
    let server = watch(await startServer({ data }));
    const calls = new AcknowledgedCalls(() => server);
    for (let call = 0; call < 5; call++) await calls.call(server.admin.credentials);
    await calls.expectListed();
    expect(await server.stop()).toBe(0);
    const copy = temporaryFolder('copy');
    cpSync(join(data, 'store'), copy, { recursive: true });
    const metadata = join(data, 'store', 'engine', 'metadata');
    for (const file of readdirSync(metadata, { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.sql')) writeFileSync(join(metadata, file), 'garbage');
    }
    const { exit, stderr } = await failedStart(data);
    expect([exit, stderr]).toEqual([
      1,
      expect.stringMatching(/^tallyline: `[^`]*store` cannot be opened by the embedded cost store: .*\n$/s),
    ]);
    rmSync(join(data, 'store'), { recursive: true });
    mkdirSync(join(data, 'store'));
    cpSync(copy, join(data, 'store'), { recursive: true });
    server = watch(await startServer({ data }));
    await calls.call(server.admin.credentials);
    await calls.expectListed();
    await calls.expectTotals();
    expect(await server.stop()).toBe(0);
  });
});

describe('a ClickHouse server that answers something else', () => {
  it('ends the start with a sentence that names its URL', async () => {
    const server = watch(await startServer());
    const data = temporaryFolder('url');
    const { exit, stderr } = await failedStart(data, { config: `costStore: { url: "${server.url}" }` });
    expect([exit, stderr]).toEqual([
      1,
      expect.stringMatching(
        new RegExp(
          `^tallyline: the cost store at \`${server.url}\` cannot be used: it does not answer as a ClickHouse server does [^\n]*\n$`,
        ),
      ),
    ]);
    expect(
      (await send(server.url, { method: 'GET', path: '/healthz', query: '', headers: { host: 'x' }, body: '' })).status,
    ).toBe(200);
    expect(await server.stop()).toBe(0);
  });
});
