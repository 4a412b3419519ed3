// Policy decisions per second, with 1, 10 and 100 statements that are all about the action, against an evaluator that
// reads the policies' JSON and builds its patterns anew for every decision. Run with `npm run bench:policy`.
import type { PolicySource } from '../src/identity/policy-set.ts';
import type { Caller } from '../src/identity/principal.ts';
import { authorize } from '../src/policy/authorize.ts';
import { globalContext } from '../src/policy/context.ts';
import { decideNaively } from './policy/naive-evaluator.ts';

const MEASURE_MS = 400;
const STATEMENTS_PER_POLICY = 10;
const ACTION = 'bedrock:InvokeModel';

const NOW_MS = Date.UTC(2026, 4, 1);
const CALLER: Caller = {
  kind: 'assumed-role',
  arn: 'arn:aws:sts::123456789012:assumed-role/App/ann',
  principalArn: 'arn:aws:iam::123456789012:role/App',
  accountId: '123456789012',
  userId: 'AROAEXAMPLE0000000001:ann',
  principalId: 'AROAEXAMPLE0000000001',
  roleName: 'App',
  sessionName: 'ann',
  accessKeyId: 'ASIAEXAMPLE000000001',
  tags: new Map([
    ['team', 'red'],
    ['vendor', 'anthropic'],
  ]),
  session: {
    issuedBy: 'AssumeRole',
    issuedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 3_600_000,
    sessionTags: new Map([['team', 'red']]),
    transitiveTagKeys: [],
  },
};
const FACTS = { nowMs: NOW_MS, sourceIp: '192.0.2.1', userAgent: 'aws-sdk-js/3', isTls: true, region: 'us-east-1' };

const CONDITION = {
  StringEquals: { 'aws:PrincipalTag/team': ['red', 'blue'] },
  IpAddress: { 'aws:SourceIp': '192.0.2.0/24' },
  DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' },
};

const KINDS = {
  plain: { prefix: 'anthropic', Condition: {} },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
  'conditions and a variable': { prefix: '${aws:PrincipalTag/vendor}', Condition: CONDITION },
} as const;

function policies(count: number, { prefix, Condition }: (typeof KINDS)[keyof typeof KINDS]): PolicySource[] {
  const statements = Array.from({ length: count }, (_, index) => ({
    Sid: `S${index}`,
    Effect: 'Allow',
    Action: 'bedrock:Invoke*',
    Resource: `arn:aws:bedrock:*::foundation-model/${prefix}.model-${index}-*`,
    Condition,
  }));
  const texts: string[] = [];
  for (let start = 0; start < count; start += STATEMENTS_PER_POLICY) {
    const Statement = statements.slice(start, start + STATEMENTS_PER_POLICY);
    texts.push(JSON.stringify({ Version: '2012-10-17', Statement }));
  }
  return texts.map((text, index) => ({ id: `policy ${index}`, text }));
}

/** Calls per second of CPU time, which other work on the machine disturbs less than wall time. */
function rate(call: () => boolean): number {
  run(call, MEASURE_MS / 4);
  const before = process.cpuUsage();
  const calls = run(call, MEASURE_MS);
  const { user, system } = process.cpuUsage(before);
  return (1e6 * calls) / (user + system);
}

function run(call: () => boolean, durationMs: number): number {
  let calls = 0;
  for (const until = performance.now() + durationMs; performance.now() < until; calls += 10) {
    for (let index = 0; index < 10; index++) call();
  }
  return calls;
}

function compare(count: number, kind: keyof typeof KINDS, match: 'first' | 'last' | 'none'): string[] {
  const identity = policies(count, KINDS[kind]);
  const index = { first: 0, last: count - 1, none: count }[match];
  const resource = `arn:aws:bedrock:us-east-1::foundation-model/anthropic.model-${index}-v1`;
  // As on the request path: the context is made for every request, and worked out only as far as policies ask.
  const ours = () =>
    authorize({ caller: CALLER, action: ACTION, resource, context: globalContext(CALLER, FACTS) }, { identity })
      .allowed;
  const naive = () => decideNaively(identity, ACTION, resource, globalContext(CALLER, FACTS));
  if (ours() !== naive() || ours() !== (match !== 'none')) throw new Error('the evaluators do not agree');
  const [fast, slow] = [rate(ours), rate(naive)];
  return [String(count), kind, match, round(fast), round(slow), `${(fast / slow).toFixed(0)}x`];
}

function round(perSecond: number): string {
  return Number(perSecond.toPrecision(3)).toLocaleString('en-US');
}

const rows = [1, 10, 100].flatMap((count) =>
  (Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((kind) =>
    (['first', 'last', 'none'] as const).map((match) => compare(count, kind, match)),
  ),
);
const titles = ['statements', 'with', 'match', 'decisions/s', 'naive/s', 'ratio'];
const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
for (const row of [titles, ...rows]) {
  console.log(
    row.map((cell, column) => cell.padStart(column === 1 ? 0 : widths[column]!).padEnd(widths[column]!)).join('  '),
  );
}
