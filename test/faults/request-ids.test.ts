import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { AcknowledgedCalls } from './acknowledged-calls.ts';
import { converseCall, send, sendHttp2, signed } from './raw-client.ts';
import { expectNoSecrets, watch } from './secret-watch.ts';
import { listedRequests, totals } from './totals.ts';

let server: TestServer;

beforeAll(async () => {
  server = watch(await startServer());
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  expectNoSecrets();
  removeFolders();
});

describe("a client's own request ids", () => {
  it('are nothing to go by: the same request sent again is another call, with an id of its own, and is metered', async () => {
    const call = converseCall({ inputTokens: 1_000, outputTokens: 100 });
    const ids = {
      'x-amzn-requestid': '11111111-2222-3333-4444-555555555555',
      'amz-sdk-invocation-id': '11111111-2222-3333-4444-555555555555',
      'amz-sdk-request': 'attempt=1; max=3',
    };
    const again = { ...ids, 'amz-sdk-request': 'attempt=2; max=3' };
    const keys = server.admin.credentials;
    const sign = (headers: Record<string, string>) =>
      signed(server.url, { ...call, headers: { ...call.headers, ...headers } }, { service: 'bedrock', keys });
    const first = sign(ids);
    const answers = [
      await send(server.url, first),
      await send(server.url, first),
      await sendHttp2(server.url, first),
      await send(server.url, sign(again)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const requestIds = answers.map(({ headers }) => String(headers['x-amzn-requestid']));
    expect(new Set([...requestIds, ids['x-amzn-requestid']]).size).toBe(5);
    const listed = async () => (await listedRequests(server)).map(({ RequestId }) => RequestId).sort();
    await expect.poll(listed, { timeout: 20_000 }).toEqual([...requestIds].sort());
    expect(await totals(server)).toEqual({ Tokens: '4400', Requests: '4', CostUsd: '0.0198' });
    await server.kill();
    server = watch(await startServer());
  });
});

describe('a server that is killed right after it answered', () => {
  it('has every answered call once, however often it is killed before and while it ships', async () => {
    const calls = new AcknowledgedCalls(() => server);
    const { data } = server;
    for (let round = 0; round < 4; round++) {
      const keys = server.admin.credentials;
      const answers = await Promise.all(Array.from({ length: 10 }, () => calls.call(keys)));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      // In odd rounds the cost path is in the middle of it: some of the calls are in the store already.
      if (round % 2 === 1)
        await expect.poll(async () => (await listedRequests(server)).length, { timeout: 20_000 }).toBeGreaterThan(0);
      await server.kill();
      server = watch(await startServer({ data }));
    }
    await calls.expectListed();
    await calls.expectTotals();
    expect((await listedRequests(server)).every(({ Status }) => Status === 'completed')).toBe(true);
  });
});
