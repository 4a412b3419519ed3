import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelOf } from '../../src/wire/model.ts';
import type { ServiceId } from '../../src/wire/operation.ts';
import { SERVICES } from '../../src/wire/service.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { hostileInput, requestOf } from './hostile-input.ts';
import { errorOf, send, signed, stsCall } from './raw-client.ts';
import { expectNoSecrets, watch } from './secret-watch.ts';

/** Set HOSTILE_SEED to replay a run, HOSTILE_RUNS to lengthen it. */
const SEED = Number(process.env.HOSTILE_SEED ?? 20_261_122);
const RUNS = Number(process.env.HOSTILE_RUNS ?? 12);

let server: TestServer;

beforeAll(async () => {
  server = watch(await startServer());
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  expectNoSecrets();
  removeFolders();
});

describe.each(Object.keys(SERVICES) as ServiceId[])('%s', (service) => {
  const { version = '', targetPrefixes: [targetPrefix = ''] = [] } = SERVICES[service];

  it(`answers or refuses whatever it is sent, and has no bug to tell of (seed ${SEED})`, async () => {
    const failures: string[] = [];
    for (const name of modelOf(service).operationNames) {
      const operation = modelOf(service).operation(name)!;
      const inputs = fc.sample(hostileInput(operation), { seed: SEED, numRuns: RUNS });
      const asked = inputs.map(async (input) => {
        const request = requestOf(operation, version, targetPrefix, input);
        const signingName = service === 'bedrock-runtime' ? 'bedrock' : service;
        const answer = await send(
          server.url,
          signed(server.url, request, { service: signingName, keys: server.admin.credentials }),
        );
        if (answer.status >= 500)
          failures.push(`${service}.${name} ${answer.status} ${answer.text} for ${JSON.stringify(input)}`);
        else if (answer.status >= 400) expect(errorOf(answer).code, name).toBeTruthy();
      });
      await Promise.all(asked);
    }
    expect(failures).toEqual([]);
    expect(server.output()).not.toContain('"msg":"bug"');
    const request = signed(server.url, stsCall('GetCallerIdentity'), {
      service: 'sts',
      keys: server.admin.credentials,
    });
    expect((await send(server.url, request)).status).toBe(200);
  });
});
