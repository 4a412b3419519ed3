import { expect, it } from 'vitest';
import { attributionGaps, type BilledCalls } from './upstream-attribution.ts';

const SESSION = 'arn:aws:sts::123456789012:assumed-role/BedrockRole/';
const GATEWAY = 'arn:aws:sts::123456789012:assumed-role/Gateway/i-1';
const user = (name: string) => `arn:aws:iam::111122223333:user/${name}`;
const calls = (name: string, billedArn: string, isGatewayPrincipal = false): BilledCalls => ({
  ...{ upstream: 'aws', principalArn: user(name), billedArn, isGatewayPrincipal },
  ...{ requests: 2, tokens: 30n },
});
const told = (list: readonly BilledCalls[], bill?: readonly string[]) =>
  attributionGaps(list, bill && new Set(bill)).map(({ kind, principalArn, billedArn }) => [
    ...[kind, principalArn.split('/').at(-1), billedArn.split('/').slice(-2).join('/')],
  ]);

// peers rows 56, 58: all spend on one role, and nobody is told.
it('names every principal that the bill shows as somebody else', () => {
  const list = [
    calls('alice', `${SESSION}alice`),
    calls('bob', GATEWAY, true),
    calls('carol', ''),
    calls('dave', `${SESSION}team`),
    calls('erin', `${SESSION}team`),
  ];
  expect(told(list)).toEqual([
    ['billed-to-gateway', 'bob', 'Gateway/i-1'],
    ['no-name', 'carol', ''],
    ['shared-name', 'dave', 'BedrockRole/team'],
    ['shared-name', 'erin', 'BedrockRole/team'],
  ]);
});

it('compares with a bill: who did not arrive, and who went past the gateway', () => {
  const list = [calls('alice', `${SESSION}alice`), calls('bob', `${SESSION}bob`)];
  const bill = [`${SESSION}alice`, `${SESSION}mallory`, 'arn:aws:iam::123456789012:user/somebody', ''];
  expect(told(list, bill)).toEqual([
    ['not-in-bill', 'bob', 'BedrockRole/bob'],
    ['not-in-ledger', '', 'BedrockRole/mallory'],
  ]);
  expect(told(list, [`${SESSION}alice`, `${SESSION}bob`])).toEqual([]);
});
