// What a session of its own at Bedrock costs for every caller: memory, AssumeRole calls an hour, and the look-up in front of
// every call.
//
//   npm run bench:sessions          (BENCH_CALLERS to change the number)
//
// STS is a server in this process that answers at once, so what a new session costs is the AWS SDK's time and its own.
// Baseline: an AssumeRole for every call, as without a cache. Hours pass on a clock that the benchmark moves.
import { setTimeout } from 'node:timers/promises';
import { SqliteRecordStore } from '../src/adapters/sqlite-record-store.ts';
import { ScriptedSts } from '../src/adapters/sts-sessions/scripted-sts.fixture.ts';
import { StsSessions } from '../src/adapters/sts-sessions.ts';
import { sessionRule } from '../src/app/session-rule.ts';
import type { ModelCaller } from '../src/inference/model-call.ts';
import { SessionDirectory } from '../src/inference/session-directory.ts';
import { userArn } from '../src/kernel/arn.ts';
import { MINUTE_MS } from '../src/kernel/time.ts';
import { cpuMicrosecondsOf } from './identity/timing.ts';

const CALLERS = Number(process.env.BENCH_CALLERS ?? 10_000);
/** Every caller calls once within so many minutes. */
const EVERY_MINUTES = 5;
const HOURS = 2;
/** AssumeRole calls at a time while the sessions are made. */
const PARALLEL = 100;

let nowMs = Date.UTC(2026, 10, 1);
const clock = () => nowMs;
const sts = await ScriptedSts.start();
const records = new SqliteRecordStore(':memory:', clock);
const directory = new SessionDirectory(records, clock);
const role = 'arn:aws:iam::123456789012:role/BedrockRole';
const limits = { onFailure: 'refuse', maxSessions: 20_000, callsPerSecond: 10_000, timeoutMs: 60_000 } as const;
const gatewayKeys = { accessKeyId: 'AKIAGATEWAY', secretAccessKey: 'secret', isGatewayPrincipal: true };
const sessions = new StsSessions({
  ...{ upstream: 'aws', directory, region: 'us-east-1', endpoint: sts.url, clock, random: Math.random, ...limits },
  rule: sessionRule({
    ...{ role, sessionName: '{name}', tags: 'all', transitiveTagKeys: [], durationSeconds: 3_600, ...limits },
  }),
  gateway: { for: async () => gatewayKeys, refused: () => false, close: async () => {} },
  wait: async () => {},
  onTrouble: (message) => console.error(message),
});

const callers = Array.from({ length: CALLERS }, (_, index) => callerNamed(index));

// What the SDK takes by itself is not counted.
await sessions.for(callerNamed(-1));
const heapBefore = heapMiB();
const from = process.cpuUsage();
for (let start = 0; start < CALLERS; start += PARALLEL) {
  await Promise.all(callers.slice(start, start + PARALLEL).map((caller) => sessions.for(caller)));
  sts.requests.length = 0;
}
const { user, system } = process.cpuUsage(from);
const newUs = (user + system) / CALLERS;
await directory.writeBegun(Number.POSITIVE_INFINITY);
const heapAfter = heapMiB();

const hitUs = await cpuMicrosecondsOf(async () => {
  const caller = callers[Math.floor(Math.random() * CALLERS)]!;
  return sessions.for(caller);
});

let assumed = 0;
for (let minute = 0; minute < HOURS * 60; minute += 1) {
  nowMs += MINUTE_MS;
  for (let index = minute % EVERY_MINUTES; index < CALLERS; index += EVERY_MINUTES) {
    await sessions.for(callers[index]!);
  }
  // What is renewed behind calls that go on with the old session.
  do await setTimeout(10);
  while (sts.atOnce > 0);
  assumed += sts.requests.length;
  sts.requests.length = 0;
}

const bytes = ((heapAfter - heapBefore) * 1024 ** 2) / CALLERS;
const perHour = assumed / HOURS;
const callsPerHour = (CALLERS * 60) / EVERY_MINUTES;
console.log(
  `callers                                        ${count(CALLERS)}, each with a call every ${EVERY_MINUTES} minutes`,
);
console.log(
  `memory, session and record of its name         ${bytes.toFixed(0)} bytes a caller, ${(heapAfter - heapBefore).toFixed(1)} MiB in all`,
);
console.log(
  `AssumeRole an hour                             ${count(perHour)}, ${(perHour / CALLERS).toFixed(2)} a caller; without a cache ${count(callsPerHour)}`,
);
console.log(
  `                                               ${(perHour / 3600).toFixed(1)} a second on average, of 500 that AWS allows`,
);
console.log(`new session, CPU                               ${newUs.toFixed(0)} us, STS's answer included`);
console.log(
  `session from the cache, CPU                    ${hitUs.toFixed(2)} us, ${count(1e6 / hitUs)} a second and core, ${(newUs / hitUs).toFixed(0)}x`,
);
await sessions.close();
await sts.stop();
await records.close();

function callerNamed(index: number): ModelCaller {
  const userName = `user-${index}@example.org`;
  const arn = userArn('123456789012', '/', userName);
  const ids = { principalId: `AIDA${index}`, userId: `AIDA${index}`, accountId: '123456789012' };
  const tags = { team: `team-${index % 50}`, 'cost-center': String(10_000 + (index % 200)) };
  return { kind: 'user', arn, principalArn: arn, ...ids, userName, tags: new Map(Object.entries(tags)) };
}

function heapMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 ** 2;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
