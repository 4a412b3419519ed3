// What proving and permitting a caller costs, step by step, and what 100,000 principals and a million sessions change.
//
//   npm run bench:identity          (BENCH_PRINCIPALS, BENCH_SESSIONS to change the numbers)
//
// Baselines in the same run: `@smithy/signature-v4` computing the same signature; the same requests with 10 principals.
// Rounds of a subject and its baseline take turns, so that a busy machine is busy for both.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignatureV4 } from '@smithy/signature-v4';
import { findCredential } from '../src/identity/identify.ts';
import { callerFacts } from '../src/metering/usage-event.ts';
import { authorize as authorizeStep } from '../src/paths/request-path/authorize.ts';
import { type Identified, identify } from '../src/paths/request-path/identify.ts';
import { parse } from '../src/paths/request-path/parse.ts';
import { authorize } from '../src/policy/authorize.ts';
import { globalContext } from '../src/policy/context.ts';
import type { WireRequest } from '../src/wire/exchange.ts';
import { route } from '../src/wire/route.ts';
import { readAuthorization, SigningKeyCache, verifySignature } from '../src/wire/sigv4.ts';
import { NodeSha256 } from './identity/node-sha256.ts';
import { converse, type Keys, NOW_MS, type Population, populate, UNSIGNED } from './identity/population.ts';
import { cpuMicroseconds, cpuMicrosecondsOf, Timings } from './identity/timing.ts';

const PRINCIPALS = Number(process.env.BENCH_PRINCIPALS ?? 100_000);
const SESSIONS = Number(process.env.BENCH_SESSIONS ?? 1_000_000);
const FEW = 10;
/** Requests that are made ready at a time. */
const CHUNK = 20_000;
const ROUNDS = 10;

const folder = mkdtempSync(join(tmpdir(), 'tallyline-bench-'));
try {
  const [, , what, count] = process.argv;
  if (what === 'memory') await memory(count!);
  else await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const few = await populate(folder, FEW);
  await steps(few);
  await principals(few);
  sessions(few);
  await few.close();
  console.log('\nmemory after garbage collection, MB              heap     RSS');
  for (const kind of [`${FEW}`, `${PRINCIPALS}`, 'sessions']) {
    const args = ['--disable-warning=ExperimentalWarning', '--expose-gc', import.meta.filename, 'memory', kind];
    process.stdout.write(execFileSync(process.execPath, args, { encoding: 'utf8', env: process.env }));
  }
}

/** One number a step: CPU microseconds. */
async function steps({ parts, users, session }: Population): Promise<void> {
  const [user] = users;
  const byKey = converse(user!);
  const person = session(0);
  const bySession = converse(person);
  const scope = { service: 'bedrock', skewMs: 300_000, regions: parts.regions };
  const authorization = readAuthorization(byKey, scope, NOW_MS);
  const ofSession = readAuthorization(bySession, scope, NOW_MS);
  const { directory, signingKeys } = parts;
  const { caller } = findCredential(directory, parts.sessions, ofSession);
  const context = globalContext(caller, { nowMs: NOW_MS, sourceIp: '192.0.2.1', isTls: false, region: 'us-east-1' });
  // More tokens than the cache holds, in turn: each one is opened anew.
  const tokens = Array.from({ length: 24_000 }, (_, index) => session(index).sessionToken!);
  const access = { caller, action: 'bedrock:InvokeModel', resource: 'arn:aws:bedrock:us-east-1::foundation-model/x' };
  const rows: [string, number][] = [
    ['signature: read the header', cpuMicroseconds(() => readAuthorization(byKey, scope, NOW_MS))],
    ['key: find its owner', cpuMicroseconds(() => findCredential(directory, parts.sessions, authorization))],
    ['session: unseal', cpuMicroseconds((index) => parts.sessions.open(tokens[index % tokens.length]!))],
    ['session: from the cache', cpuMicroseconds(() => findCredential(directory, parts.sessions, ofSession))],
    [
      'signature: check, signing key from the cache',
      cpuMicroseconds(() => verifySignature(authorization, byKey, user!.secretAccessKey, signingKeys)),
    ],
    [
      'signature: check, signing key derived anew',
      cpuMicroseconds(() => verifySignature(authorization, byKey, user!.secretAccessKey, new SigningKeyCache())),
    ],
    ['policy: one decision', cpuMicroseconds(() => authorize({ ...access, context }, directory.policySetOf(caller)))],
    ['tags: of the usage record', cpuMicroseconds(() => callerFacts(caller))],
  ];
  console.log('step                                            CPU us');
  for (const [name, cost] of rows) console.log(`${name.padEnd(46)}${cost.toFixed(2).padStart(8)}`);

  const signer = new SignatureV4({ credentials: user!, region: 'us-east-1', service: 'bedrock', sha256: NodeSha256 });
  const { path, headers, body, method } = UNSIGNED;
  const request = { method, path, headers: { ...headers }, body, query: {}, protocol: 'http:', hostname: '127.0.0.1' };
  const signingDate = new Date(NOW_MS);
  const smithy = await cpuMicrosecondsOf(() => signer.sign(request, { signingDate }));
  const check = cpuMicroseconds(() => {
    const read = readAuthorization(byKey, scope, NOW_MS);
    verifySignature(read, byKey, user!.secretAccessKey, signingKeys);
  });
  console.log('\nsignatures per second and core');
  console.log(`@smithy/signature-v4, computing                ${perSecond(smithy)}`);
  console.log(`tallyline, reading and checking                ${perSecond(check)}  ${(smithy / check).toFixed(1)}x`);
}

/** Identify and authorize with every request by any of many principals, next to the same with few. */
async function principals(few: Population): Promise<void> {
  const many = await populate(folder, PRINCIPALS);
  const timings = { few: new Timings(), first: new Timings(), again: new Timings() };
  run(fewRequests(few.users), few, new Timings());
  for (let from = 0; from < PRINCIPALS; from += CHUNK) {
    run(many.users.slice(from, from + CHUNK).map(converse), many, timings.first);
  }
  // In an order that no cache expects. Both subjects get requests of their own in every round, as a server would.
  let place = 1;
  for (let round = 0; round < ROUNDS; round++) {
    const requests = Array.from({ length: CHUNK }, () => {
      place = (place * 48_271) % 2_147_483_647;
      return converse(many.users[place % many.users.length]!);
    });
    run(fewRequests(few.users), few, timings.few);
    run(requests, many, timings.again);
  }
  await many.close();
  console.log(`\nidentify + authorize, access keys of ${thousands(FEW)} and of ${thousands(PRINCIPALS)} principals`);
  report(timings);
}

/** The same with tokens that nobody has presented before, with those again, and with few. */
function sessions(few: Population): void {
  const timings = { few: new Timings(), first: new Timings(), again: new Timings() };
  const fewKeys = Array.from({ length: FEW }, (_, index) => few.session(index));
  run(fewRequests(fewKeys), few, new Timings());
  for (let from = 0; from < SESSIONS; from += CHUNK) {
    const requests = Array.from({ length: CHUNK }, (_, index) => converse(few.session(FEW + from + index)));
    run(fewRequests(fewKeys), few, timings.few);
    run(requests, few, timings.first);
    // The latest ones: half of what the cache holds stays in it.
    run(requests.slice(-CHUNK / 2), few, timings.again);
  }
  console.log(`\nidentify + authorize, ${thousands(FEW)} session tokens and ${thousands(SESSIONS)}`);
  report(timings);
}

function fewRequests(keys: readonly Keys[]): WireRequest[] {
  return Array.from({ length: CHUNK }, (_, index) => converse(keys[index % keys.length]!));
}

/** A chunk of requests; parsing is between the two steps and not counted. */
function run(requests: readonly WireRequest[], { parts }: Population, timings: Timings): void {
  for (let index = 0; index < CHUNK; index++) {
    const request = requests[index % requests.length]!;
    const routed = route(request);
    const identified = timings.time(() => identify(routed, { requestId: 'r', request }, parts) as Identified);
    const parsed = parse(identified, parts);
    timings.extend(() => authorizeStep(parsed, parts));
  }
}

function report(timings: { readonly few: Timings; readonly first: Timings; readonly again: Timings }): void {
  console.log('                            requests    p50 us    p99 us       ratio to few');
  const cells = (one: Timings) => [one.microseconds(0.5), one.microseconds(0.99)];
  const base = cells(timings.few);
  const names = { few: 'few', first: 'many, first request of each', again: 'many, later requests' } as const;
  for (const [name, one] of Object.entries(timings) as [keyof typeof timings, Timings][]) {
    const values = cells(one);
    const ratios = values.map((value, index) => `${(value / base[index]!).toFixed(2)}x`);
    console.log(
      [
        names[name].padEnd(27),
        thousands(one.count).padStart(9),
        ...values.map((value) => value.toFixed(1).padStart(9)),
        ...ratios.map((ratio) => ratio.padStart(9)),
      ].join(' '),
    );
  }
}

function thousands(count: number): string {
  return count.toLocaleString('en');
}

/** In a process of its own: `10` principals, `100000`, or `sessions`: few principals and every token opened once. */
async function memory(kind: string): Promise<void> {
  const population = await populate(folder, kind === 'sessions' ? FEW : Number(kind));
  const requests = population.users.slice(0, FEW).map(converse);
  run(requests, population, new Timings());
  if (kind === 'sessions') {
    for (let index = 0; index < SESSIONS; index++) population.parts.sessions.open(tokenOf(population.session(index)));
  }
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const title =
    kind === 'sessions'
      ? `${FEW} principals, ${SESSIONS.toLocaleString('en')} sessions`
      : `${Number(kind).toLocaleString('en')} principals`;
  console.log(`${title.padEnd(46)}${(heapUsed / 1e6).toFixed(0).padStart(7)}${(rss / 1e6).toFixed(0).padStart(8)}`);
  await population.close();
}

function tokenOf({ sessionToken }: Keys): string {
  return sessionToken!;
}

function perSecond(microseconds: number): string {
  return Math.round(1e6 / microseconds)
    .toLocaleString('en')
    .padStart(9);
}
