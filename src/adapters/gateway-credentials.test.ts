import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayCredentials } from './gateway-credentials.ts';

const ARN = 'arn:aws:iam::999999999999:user/gateway';
const KEYS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };

let sts: Server;
let stsEndpoint: string;
let isDown = false;
let asked = 0;
let nowMs = 0;
let troubles: string[] = [];

beforeAll(async () => {
  sts = createServer((request, reply) => {
    asked += 1;
    request.resume();
    reply.statusCode = isDown ? 503 : 200;
    const result = `<GetCallerIdentityResult><Arn>${ARN}</Arn></GetCallerIdentityResult>`;
    reply.end(`<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`);
  });
  sts.listen(0, '127.0.0.1');
  await once(sts, 'listening');
  stsEndpoint = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
});
beforeEach(() => {
  [isDown, asked, nowMs, troubles] = [false, 0, 1_000_000, []];
});
afterAll(() => {
  sts.closeAllConnections();
  sts.close();
});

function gateway(): GatewayCredentials {
  const onTrouble = (message: string) => void troubles.push(message);
  return new GatewayCredentials({ credentials: KEYS, region: 'us-east-1', stsEndpoint, clock: () => nowMs, onTrouble });
}

it('is the gateway for every call, by the name that STS gives it, asked once', async () => {
  const credentials = gateway();
  for (const given of await Promise.all([credentials.for(), credentials.for(), credentials.for()])) {
    expect(given).toEqual({ ...KEYS, principalArn: ARN, isGatewayPrincipal: true });
  }
  expect(asked).toBe(1);
  await credentials.close();
});

it('goes on without a name while STS is down, and asks again beside the calls', async () => {
  isDown = true;
  const credentials = gateway();
  for (let call = 0; call < 3; call++) {
    expect(await credentials.for()).toEqual({ ...KEYS, isGatewayPrincipal: true });
  }
  expect([asked, troubles.length]).toEqual([1, 1]);
  isDown = false;
  nowMs += 60_001;
  expect(await credentials.for()).not.toHaveProperty('principalArn');
  await expect.poll(() => credentials.for()).toMatchObject({ principalArn: ARN });
  expect(asked).toBe(2);
  await credentials.close();
});
