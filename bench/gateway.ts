// What Tallyline adds in front of a model, next to a bare Node reverse proxy and to Portkey's gateway, in one run: with 32 callers
// and three hard budgets that count every call; `tallyline, aws` calls a Bedrock upstream, in a session for every caller.
//
//   npm run bench:gateway            (first: npm install --prefix bench/peers)
//
// Every server under test has core 0 for itself and its children; the mock upstream and the load share core 1. Ratios and
// CPU per request are what to quote: latencies on a shared machine are noisy. Portkey neither verifies signatures nor
// journals nor meters, and waits 25 ms on purpose before the first streamed event (`setTimeout` in its stream handler).
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import serverFlags from '../bin/server-flags.json' with { type: 'json' };
import { median } from '../src/reports/anomaly-detection/baseline.ts';
import { signRequest } from '../src/wire/sign-request.ts';
import { closedLoop, type Latencies, openLoop, percentile, perSecond, type Shot } from './gateway/load.ts';
import { type CpuSeconds, cpuSeconds, residentMegabytes, startPinned } from './gateway/processes.ts';

const PORTS = { mock: 4720, bare: 4721, portkey: 4722, tallyline: 4723, aws: 4724 } as const;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
/** Node compiles what runs often: a server that serves is warm, and the first ten thousand calls are not what it costs. */
const WARM_UP_SECONDS = Number(process.env.BENCH_WARM_UP_SECONDS ?? 20);
/** Usage of a round is stored up to 2.4 seconds later, by the server that it belongs to and in its time, not in the next subject's. */
const SETTLE_MS = 3_000;
const PORTKEY = join(import.meta.dirname, 'peers/node_modules/@portkey-ai/gateway/build/start-server.js');
const MODEL = 'openai.gpt-oss-120b-1:0';
const PROMPT = 'x'.repeat(700);

/** Three budgets, all of which count every call, and have room. */
const BUDGETS = [
  { name: 'principals', unit: 'USD', limit: '1000000', window: { unit: 'month', timeZone: 'UTC' }, each: 'principal' },
  { name: 'models', unit: 'tokens', limit: '1000000000000', window: { unit: 'day', timeZone: 'UTC' }, each: 'model' },
  { name: 'all', unit: 'USD', limit: '1000000', window: { rollingHours: 24 } },
];

/** Users with the permission to call models, so many that sessions and budgets have something to tell apart. */
const CALLERS = 32;

interface Subject {
  readonly name: string;
  readonly pid: number;
  /** One for each caller. */
  readonly whole: () => readonly Shot[];
  readonly streamed: () => readonly Shot[];
}

const data = mkdtempSync(join(tmpdir(), 'tallyline-bench-'));
const children: ChildProcess[] = [];
try {
  await main();
} finally {
  for (const child of children) child.kill();
  rmSync(data, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const node = process.execPath;
  const file = (name: string) => join(import.meta.dirname, 'gateway', name);
  children.push(await startPinned(1, [node, file('mock-upstream.ts'), String(PORTS.mock)], PORTS.mock));
  const subjects: Subject[] = [{ name: 'direct', pid: children[0]!.pid!, ...openAiShots(PORTS.mock) }];
  const bare = await startPinned(0, [node, file('bare-proxy.ts'), String(PORTS.bare), String(PORTS.mock)], PORTS.bare);
  children.push(bare);
  subjects.push({ name: 'bare proxy', pid: bare.pid!, ...openAiShots(PORTS.bare) });
  if (existsSync(PORTKEY)) {
    const portkey = await startPinned(0, [node, PORTKEY, '--headless', `--port=${PORTS.portkey}`], PORTS.portkey, {
      NODE_ENV: 'production',
    });
    children.push(portkey);
    subjects.push({ name: 'portkey', pid: portkey.pid!, ...portkeyShots() });
  } else console.log('portkey is not installed: npm install --prefix bench/peers\n');
  const openAi = { name: 'mock', type: 'openai', url: `http://127.0.0.1:${PORTS.mock}/v1`, models: '*' };
  const mockUrl = `http://127.0.0.1:${PORTS.mock}`;
  const session = { role: 'arn:aws:iam::123456789012:role/BedrockRole' };
  const variables = { accessKeyIdEnv: 'BENCH_UPSTREAM_KEY_ID', secretAccessKeyEnv: 'BENCH_UPSTREAM_SECRET' };
  const aws = { name: 'aws', type: 'bedrock', endpoint: mockUrl, stsEndpoint: mockUrl, ...variables, session };
  const servers = [await startTallyline(node, 'tallyline', openAi), await startTallyline(node, 'aws', aws)] as const;
  children.push(...servers);
  const [tallyline] = servers;
  const idle = residentMegabytes(tallyline.pid!);
  subjects.push({ name: 'tallyline', pid: tallyline.pid!, ...(await tallylineShots('tallyline')) });
  subjects.push({ name: 'tallyline, aws', pid: servers[1].pid!, ...(await tallylineShots('aws')) });

  for (const subject of subjects) await closedLoop(subject.whole(), 64, WARM_UP_SECONDS);
  await delay(SETTLE_MS);
  for (const connections of [1, 16, 64]) await throughput(subjects, connections);
  await steady(subjects, 'whole', 300);
  await steady(subjects, 'whole', 1_000);
  await steady(subjects, 'firstContent', 50);
  const loaded = residentMegabytes(tallyline.pid!);
  console.log(
    `\nmemory of tallyline, MB: idle ${idle.own.toFixed(0)} + engine ${idle.children.toFixed(0)}, loaded ${loaded.own.toFixed(0)} + engine ${loaded.children.toFixed(0)}`,
  );
}

/** Closed loop, rounds interleaved; medians. */
async function throughput(subjects: readonly Subject[], connections: number): Promise<void> {
  const rows = new Map<string, { rate: number[]; p50: number[]; p99: number[]; own: number[]; children: number[] }>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) {
      const row = rows.get(subject.name) ?? { rate: [], p50: [], p99: [], own: [], children: [] };
      rows.set(subject.name, row);
      const before = cpuSeconds(subject.pid);
      const result = await closedLoop(subject.whole(), connections, SECONDS);
      complain(subject, result);
      await delay(SETTLE_MS);
      const used = since(before, cpuSeconds(subject.pid));
      row.rate.push(perSecond(result));
      row.p50.push(percentile(result, 0.5));
      row.p99.push(percentile(result, 0.99));
      row.own.push((used.own * 1e6) / result.sortedMs.length);
      row.children.push((used.children * 1e6) / result.sortedMs.length);
    }
  }
  console.log(`\nclosed loop, ${connections} connection(s), median of ${ROUNDS} x ${SECONDS} s`);
  console.log('subject         req/s  vs portkey  vs bare  p50 ms  added p50  p99 ms  CPU us/req (own + children)');
  const direct = median(rows.get('direct')!.p50);
  for (const [name, row] of rows) {
    const rate = median(row.rate);
    const versus = (other: string) => (rows.has(other) ? `${(rate / median(rows.get(other)!.rate)).toFixed(2)}x` : '-');
    console.log(
      [
        name.padEnd(14),
        rate.toFixed(0).padStart(6),
        versus('portkey').padStart(11),
        versus('bare proxy').padStart(8),
        median(row.p50).toFixed(2).padStart(7),
        (median(row.p50) - direct).toFixed(2).padStart(10),
        median(row.p99).toFixed(2).padStart(7),
        `${median(row.own).toFixed(0)} + ${median(row.children).toFixed(0)}`.padStart(12),
      ].join(' '),
    );
  }
}

/** Open loop at a steady rate: what a request feels. Rounds interleaved; medians. */
async function steady(subjects: readonly Subject[], until: 'whole' | 'firstContent', rate: number): Promise<void> {
  const rows = new Map(subjects.map(({ name }) => [name, { p50: [] as number[], p99: [] as number[] }]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) {
      const result = await openLoop(until === 'whole' ? subject.whole() : subject.streamed(), rate, SECONDS, until);
      complain(subject, result);
      const row = rows.get(subject.name)!;
      row.p50.push(percentile(result, 0.5));
      row.p99.push(percentile(result, 0.99));
      await delay(SETTLE_MS);
    }
  }
  console.log(
    `\nopen loop, ${rate}/s, ${until === 'whole' ? 'whole answers' : 'streams, until the first content'}, median of ${ROUNDS} x ${SECONDS} s`,
  );
  console.log('subject         p50 ms  added p50  p99 ms  added p99');
  const direct = rows.get('direct')!;
  for (const [name, { p50, p99 }] of rows) {
    console.log(
      [
        name.padEnd(14),
        median(p50).toFixed(2).padStart(7),
        (median(p50) - median(direct.p50)).toFixed(2).padStart(10),
        median(p99).toFixed(2).padStart(7),
        (median(p99) - median(direct.p99)).toFixed(2).padStart(10),
      ].join(' '),
    );
  }
}

async function startTallyline(node: string, name: 'tallyline' | 'aws', upstream: object): Promise<ChildProcess> {
  const folder = join(data, name);
  mkdirSync(folder);
  const config = join(folder, 'tallyline.yaml');
  const hardBudgets = { budgets: BUDGETS };
  writeFileSync(config, JSON.stringify({ logLevel: 'warn', durability: 'fsync', upstreams: [upstream], hardBudgets }));
  const main = join(import.meta.dirname, '../src/main.ts');
  const port = String(PORTS[name]);
  const options = ['serve', '--port', port, '--data', folder, '--config', config];
  // As `bin/tallyline.js` starts it.
  const { everywhere, serve, serveOnLinux } = serverFlags;
  return startPinned(0, [node, ...everywhere, ...serve, ...serveOnLinux, main, ...options], PORTS[name], {
    BENCH_UPSTREAM_KEY_ID: 'AKIAMOCK',
    BENCH_UPSTREAM_SECRET: 'mock',
  });
}

function openAiShots(port: number): Pick<Subject, 'whole' | 'streamed'> {
  const shot = (extra: object): Shot => ({
    port,
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
    body: JSON.stringify({ model: 'mock', messages: [{ role: 'user', content: PROMPT }], max_tokens: 100, ...extra }),
  });
  return { whole: () => [shot({})], streamed: () => [shot({ stream: true, stream_options: { include_usage: true } })] };
}

function portkeyShots(): Pick<Subject, 'whole' | 'streamed'> {
  const { whole, streamed } = openAiShots(PORTS.portkey);
  const headers = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `http://127.0.0.1:${PORTS.mock}/v1` };
  const add = (shot: Shot): Shot => ({ ...shot, headers: { ...shot.headers, ...headers } });
  return { whole: () => whole().map(add), streamed: () => streamed().map(add) };
}

/** Signed anew for every series: a signature holds for five minutes. */
async function tallylineShots(name: 'tallyline' | 'aws'): Promise<Pick<Subject, 'whole' | 'streamed'>> {
  const keys = await callerKeys(name);
  const body = JSON.stringify({
    messages: [{ role: 'user', content: [{ text: PROMPT }] }],
    inferenceConfig: { maxTokens: 100 },
  });
  const shots = (operation: string): Shot[] =>
    keys.map((key) => {
      const path = `/model/${encodeURIComponent(MODEL)}/${operation}`;
      const host = `127.0.0.1:${PORTS[name]}`;
      const signed = { method: 'POST', path, headers: { host, 'content-type': 'application/json' }, body };
      const headers = signRequest(signed, { ...key, region: 'us-east-1', service: 'bedrock' }, Date.now());
      return { port: PORTS[name], path, headers, body };
    });
  return { whole: () => shots('converse'), streamed: () => shots('converse-stream') };
}

async function callerKeys(name: 'tallyline' | 'aws') {
  const text = readFileSync(join(data, name, 'aws', 'credentials'), 'utf8');
  const value = (member: string) => new RegExp(`^${member} = (.*)$`, 'm').exec(text)?.[1] ?? '';
  const credentials = { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') };
  const iam = new IAMClient({ endpoint: `http://127.0.0.1:${PORTS[name]}`, region: 'us-east-1', credentials });
  const keys: { accessKeyId: string; secretAccessKey: string }[] = [];
  for (let index = 0; index < CALLERS; index++) {
    const UserName = `caller-${index}`;
    await iam.send(new CreateUserCommand({ UserName, Tags: [{ Key: 'team', Value: `team-${index % 5}` }] }));
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonBedrockFullAccess';
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    keys.push({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! });
  }
  iam.destroy();
  return keys;
}

function since(before: CpuSeconds, after: CpuSeconds): CpuSeconds {
  return { own: after.own - before.own, children: after.children - before.children };
}

function complain({ name }: Subject, { failures, sortedMs }: Latencies): void {
  if (failures > 0 || sortedMs.length === 0)
    console.log(`${name}: ${failures} of ${failures + sortedMs.length} requests failed`);
}
