import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { eventually } from '../store/embedded-engine.ts';
import { billedCalls, type LedgerEntry, ledger } from '../wire/ledger.ts';
import { ROOT } from './guide.ts';

const run = promisify(execFile);
const hasBoto3 = spawnSync('python3', ['-c', 'import boto3']).status === 0;

let server: TestServer;
/** What `eval "$(tallyline env)"` puts into a shell, and nothing else that an AWS SDK would read. */
let environment: Record<string, string>;

beforeAll(async () => {
  server = await startServer();
  const shell = Object.entries(process.env).filter(([name, value]) => value !== undefined && !name.startsWith('AWS_'));
  const exports = (await tallyline('env')).matchAll(/^export (\w+)=(.*)$/gm);
  environment = Object.fromEntries([...shell, ...[...exports].map(([, name, value]) => [name, value])]);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

async function tallyline(...args: readonly string[]): Promise<string> {
  return (await run(process.execPath, [...MAIN, ...args, '--data', server.data])).stdout;
}

async function example(file: string, command = process.execPath): Promise<string> {
  return (await run(command, [join(ROOT, 'examples', file)], { env: environment })).stdout;
}

/** The latest calls once there are so many, in the ledger and in the bills. */
async function latest(count: number): Promise<LedgerEntry[]> {
  await eventually(`there are ${count} calls`, async () => (await billedCalls(server)) === count);
  await eventually(`${count} calls are listed`, async () => (await ledger(server)).length === count);
  return ledger(server);
}

describe('examples', () => {
  it('converse.ts makes one call as the user whose key it has', async () => {
    expect(await example('converse.ts')).toMatch(/\S+\n\d+ input tokens, \d+ output tokens\n$/);
    const [call] = await latest(1);
    expect(call).toMatchObject({ Principal: 'arn:aws:iam::123456789012:user/admin', Operation: 'Converse' });
  });

  it('assume-role.ts makes each call in the session of one person, with the tags of that person', async () => {
    const said =
      /^ana@example.com \(search\): \d+ tokens\nben@example.com \(search\): .*\ncarla@example.com \(sales\): .*\n$/;
    expect(await example('assume-role.ts')).toMatch(said);
    expect(await example('assume-role.ts')).toMatch(said);
    const sessions = (await latest(7))
      .slice(0, 3)
      .map(({ Principal, Tags }) => [Principal.split('/').at(-1), Tags.team]);
    expect(sessions.sort()).toEqual([
      ['ana@example.com', 'search'],
      ['ben@example.com', 'search'],
      ['carla@example.com', 'sales'],
    ]);
  });

  it('cost-by-team.ts shows what the command line shows, on the first run and later', async () => {
    const first = await example('cost-by-team.ts');
    expect(first).toMatch(/^\(untagged\) +USD 0\.\d+\nsales +USD 0\.\d+\nsearch +USD 0\.\d+\n$/);
    expect(await example('cost-by-team.ts')).toBe(first);
    const csv = await tallyline('report', '--by', 'tag:team', '--csv');
    const costs = (text: string, line: RegExp) =>
      [...text.matchAll(line)].map(([, team, usd]) => `${team} ${usd}`).sort();
    expect(costs(first, /^(\S+) +USD (\S+)$/gm)).toEqual(costs(csv, /^(\(?[a-z]+\)?),(0\.\d+),/gm));
  });

  if (!hasBoto3) {
    console.warn('SKIPPED: examples/boto3_converse.py needs python3 with boto3, which is not here');
    it.skip('boto3_converse.py: python3 with boto3 is not here', () => {});
  } else {
    it('boto3_converse.py streams an answer', async () => {
      const said = await example('boto3_converse.py', 'python3');
      expect(said).toMatch(/^arn:aws:iam::123456789012:user\/admin\n\S.*\n\d+ input tokens, \d+ output tokens\n$/);
      const [call] = await latest(8);
      expect(call).toMatchObject({ Operation: 'ConverseStream' });
    });
  }
});
