import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CALL_FACTS } from '../inference/call-facts.fixture.ts';
import type { ModelCaller } from '../inference/model-call.ts';
import { SessionDirectory } from '../inference/session-directory.ts';
import type { CallCredentials } from '../inference/upstream-credentials.ts';
import type { SessionRule } from '../inference/upstream-session.ts';
import { userArn } from '../kernel/arn.ts';
import type { Fault } from '../kernel/fault.ts';
import { HOUR_MS, MINUTE_MS } from '../kernel/time.ts';
import { SqliteRecordStore } from './sqlite-record-store.ts';
import { ScriptedSts } from './sts-sessions/scripted-sts.fixture.ts';
import { StsSessions, type StsSessionsOptions } from './sts-sessions.ts';

const ROLE = 'arn:aws:iam::999988887777:role/BedrockRole';
const GATEWAY: CallCredentials = {
  ...{ accessKeyId: 'AKIAGATEWAY', secretAccessKey: 'secret' },
  ...{ principalArn: 'arn:aws:iam::999988887777:user/gateway', isGatewayPrincipal: true },
};
const RULE: SessionRule = {
  roleArn: () => ROLE,
  sessionName: ({ userName }) => userName,
  tags: 'all',
  transitiveTagKeys: [],
  durationSeconds: 3600,
};

let sts: ScriptedSts;
let sessions: StsSessions;
let directory: SessionDirectory;
let nowMs: number;
let troubles: string[];
let refusedAtGateway: CallCredentials[];

const open = (options: Partial<StsSessionsOptions> = {}) => {
  directory = new SessionDirectory(new SqliteRecordStore(':memory:', () => nowMs), () => nowMs);
  sessions = new StsSessions({
    ...{ upstream: 'aws', rule: RULE, directory, onFailure: 'refuse', region: 'us-east-1', endpoint: sts.url },
    gateway: {
      for: async () => GATEWAY,
      refused: (credentials) => refusedAtGateway.push(credentials) === 0,
      close: async () => undefined,
    },
    ...{ maxSessions: 100, callsPerSecond: 500, timeoutMs: 2_000 },
    ...{ clock: () => nowMs, random: () => 0.5, onTrouble: (message) => void troubles.push(message) },
    wait: async (delayMs) => {
      nowMs += delayMs;
    },
    ...options,
  });
  return sessions;
};
const caller = (name = 'alice', tags: Record<string, string> = {}): ModelCaller => ({
  ...CALL_FACTS.caller,
  ...{ arn: userArn('123456789012', '/', name), userName: name, tags: new Map(Object.entries(tags)) },
});
const faultOf = async (answer: unknown) => {
  const { code, message } = (await Promise.resolve(answer).then(
    () => expect.unreachable('a session was given'),
    (error: unknown) => error,
  )) as Fault;
  return `${code}: ${message}`;
};

beforeEach(async () => {
  sts = await ScriptedSts.start();
  nowMs = 1_000 * HOUR_MS;
  troubles = [];
  refusedAtGateway = [];
  open();
});
afterEach(async () => {
  await sessions.close();
  await sts.stop();
});

describe('a session for every caller', () => {
  // peers row 63: tags were built and never sent, for months.
  it('is asked of STS with everything that the configuration says', async () => {
    const policy = '{"Version":"2012-10-17","Statement":[]}';
    await sessions.close();
    open({
      rule: { ...RULE, transitiveTagKeys: ['team'], sourceIdentity: 'session-name', durationSeconds: 900, policy },
    });
    const credentials = await sessions.for(caller('alice', { team: 'red', 'cost-center': '12345' }));
    expect(sts.requests).toEqual([
      {
        ...{ roleArn: ROLE, sessionName: 'alice', signedBy: 'AKIAGATEWAY' },
        ...{ tags: { team: 'red', 'cost-center': '12345' }, transitiveTagKeys: ['team'] },
        ...{ sourceIdentity: 'alice', durationSeconds: 900, policy },
      },
    ]);
    expect(credentials).toMatchObject({
      ...{ accessKeyId: 'ASIA0000000000000001', expiresAtMs: nowMs + 15 * MINUTE_MS },
      ...{ principalArn: 'arn:aws:sts::999988887777:assumed-role/BedrockRole/alice', isGatewayPrincipal: false },
    });
    await directory.writeBegun(10);
    expect(directory.all()).toMatchObject([
      {
        sessionName: 'alice',
        principalArn: caller().arn,
        sourceIdentity: 'alice',
        tags: [
          ['team', 'red'],
          ['cost-center', '12345'],
        ],
      },
    ]);
  });

  it('is made once for calls that come at the same time, and kept for those that follow', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => sessions.for(caller())));
    expect(new Set(all).size).toBe(1);
    expect(await sessions.for(caller())).toBe(all[0]);
    expect(sts.requests).toHaveLength(1);
  });

  it('is another one as soon as a tag changes, with one AssumeRole of a caller under way at a time', async () => {
    const own = [{ team: 'red' }, { team: 'blue' }, {}].map((tags) => sessions.for(caller('alice', tags)));
    await Promise.all(own);
    expect(sts.mostAtOnce).toBe(1);
    expect(sts.requests.map(({ tags }) => tags)).toEqual([{ team: 'red' }, { team: 'blue' }, {}]);
    let release = () => {};
    const hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    sts.answer = () => ({ hold });
    const others = ['bob', 'carol'].map((name) => sessions.for(caller(name)));
    await expect.poll(() => sts.mostAtOnce).toBe(2);
    release();
    await Promise.all(others);
  });

  it('is renewed shortly before its end while calls go on with it', async () => {
    const first = await sessions.for(caller());
    nowMs += 50 * MINUTE_MS;
    expect(await sessions.for(caller())).toBe(first);
    expect(sts.requests).toHaveLength(1);
    nowMs += 2 * MINUTE_MS;
    let release = () => {};
    const hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    sts.answer = () => ({ hold });
    expect(await sessions.for(caller())).toBe(first);
    expect(await sessions.for(caller())).toBe(first);
    release();
    await expect.poll(() => sessions.for(caller())).not.toBe(first);
    expect(sts.requests).toHaveLength(2);
    nowMs += 60 * MINUTE_MS;
    await sessions.for(caller());
    expect(sts.requests).toHaveLength(3);
  });

  it('goes on to its very end when it cannot be renewed', async () => {
    const first = await sessions.for(caller());
    sts.answer = () => ({ error: [403, 'AccessDenied', 'no longer'] });
    nowMs += 59 * MINUTE_MS;
    for (let call = 0; call < 5; call += 1) expect(await sessions.for(caller())).toBe(first);
    nowMs += MINUTE_MS;
    expect(await faultOf(sessions.for(caller()))).toMatch(/^AccessDeniedException/);
    expect(sts.requests.length).toBeLessThanOrEqual(3);
  });

  it('is renewed when the upstream refuses it, but not again and again', async () => {
    const first = await sessions.for(caller());
    expect(sessions.refused(first)).toBe(false);
    expect(await sessions.for(caller())).toBe(first);
    nowMs += MINUTE_MS;
    expect(sessions.refused(first)).toBe(true);
    const second = await sessions.for(caller());
    expect(second).not.toBe(first);
    expect(sessions.refused(first)).toBe(true);
    expect(await sessions.for(caller())).toBe(second);
    expect(sessions.refused(GATEWAY)).toBe(false);
    expect(refusedAtGateway).toEqual([GATEWAY]);
  });

  it('is given up on demand, for one caller or for all', async () => {
    for (const name of ['alice', 'bob', 'carol']) await sessions.for(caller(name));
    expect(sessions.renew(caller('bob').arn)).toBe(1);
    await sessions.for(caller('alice'));
    await sessions.for(caller('bob'));
    expect(sts.requests.map(({ sessionName }) => sessionName)).toEqual(['alice', 'bob', 'carol', 'bob']);
    expect(sessions.renew()).toBe(3);
  });

  it('is not kept for more callers than configured', async () => {
    await sessions.close();
    open({ maxSessions: 2 });
    for (let index = 0; index < 20; index += 1) await sessions.for(caller(`user-${index}`));
    await sessions.for(caller('user-19'));
    expect(sts.requests).toHaveLength(20);
    expect(sessions.renew()).toBeLessThanOrEqual(4);
  });
});

describe('limits of STS', () => {
  it('are kept: no more than so many calls start in a second', async () => {
    await sessions.close();
    open({ callsPerSecond: 3, timeoutMs: 500, wait: () => new Promise(() => undefined) });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, (_, index) => sessions.for(caller(`user-${index}`))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
    ]);
    const late = outcomes[4] as PromiseRejectedResult;
    expect(String(late.reason)).toBe('Fault: Too many new sessions are asked for at once. Please try again later.');
    expect(late.reason).toMatchObject({ code: 'ThrottlingException' });
    nowMs += 1_000;
    await sessions.for(caller('user-4'));
    expect(sts.requests).toHaveLength(4);
  });

  it('are the only ones: many callers are served at once', async () => {
    let release = () => {};
    const hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    sts.answer = () => ({ hold });
    const all = Array.from({ length: 120 }, (_, index) => sessions.for(caller(`user-${index}`)));
    await expect.poll(() => sts.atOnce).toBe(120);
    release();
    await Promise.all(all);
  });

  it('are waited for when STS itself throttles', async () => {
    sts.answer = () => (sts.requests.length < 3 ? { error: [400, 'Throttling', 'Rate exceeded'] } : {});
    await sessions.for(caller());
    expect(sts.requests).toHaveLength(3);
  });

  it('of one hour in a chain of roles are learnt once', async () => {
    await sessions.close();
    open({ rule: { ...RULE, durationSeconds: 43_200 } });
    const message =
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.';
    sts.answer = ({ durationSeconds }) => (durationSeconds > 3600 ? { error: [400, 'ValidationError', message] } : {});
    expect((await sessions.for(caller())).expiresAtMs).toBe(nowMs + HOUR_MS);
    await sessions.for(caller('bob'));
    expect(sts.requests.map(({ durationSeconds }) => durationSeconds)).toEqual([43_200, 3600, 3600]);
  });

  it('of packed tags leave tags out, and the directory says which', async () => {
    const message = 'Packed size of session tags consumes 150% of allotted space.';
    sts.answer = ({ tags }) => (Object.keys(tags).length > 6 ? { error: [400, 'PackedPolicyTooLarge', message] } : {});
    const tags = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`k${index}`, 'x'.repeat(100)]));
    await sessions.for(caller('alice', tags));
    await directory.writeBegun(10);
    expect(directory.all()[0]!.tagsLeftOut).toEqual(['k6', 'k7', 'k8', 'k9']);
    await sessions.close();
    open({ rule: { ...RULE, tags: new Map(Object.keys(tags).map((key) => [key, (one) => one.tags.get(key)])) } });
    expect(await faultOf(sessions.for(caller('alice', tags)))).toMatch(/take more room than AWS STS has\.$/);
  });
});

describe('a caller without a session', () => {
  const DENIED = [
    403,
    'AccessDenied',
    `User: ${GATEWAY.principalArn} is not authorized to perform: sts:TagSession on resource: ${ROLE}`,
  ] as const;

  it('is refused, without a word of how the gateway is set up, and asks STS once for a while', async () => {
    sts.answer = () => ({ error: DENIED });
    const refusal = `AccessDeniedException: The model cannot be called in the name of ${caller().arn}: AWS STS refused a session (AccessDenied: sts:TagSession).`;
    for (let call = 0; call < 3; call += 1) expect(await faultOf(sessions.for(caller()))).toBe(refusal);
    expect(sts.requests).toHaveLength(1);
    expect(troubles).toEqual([expect.stringContaining(DENIED[2])]);
    sts.answer = () => ({});
    nowMs += 11_000;
    await sessions.for(caller());
    expect(sts.requests).toHaveLength(2);
  });

  it('is called for as the gateway where that is the choice, and the call says so', async () => {
    await sessions.close();
    open({ onFailure: 'gateway' });
    sts.answer = () => ({ error: DENIED });
    expect(await sessions.for(caller())).toBe(GATEWAY);
    sts.answer = () => ({});
    nowMs += 11_000;
    expect(await sessions.for(caller())).toMatchObject({ isGatewayPrincipal: false });
  });

  it('does not wait for an STS that says nothing', async () => {
    await sessions.close();
    open({ timeoutMs: 100 });
    sts.answer = () => ({ hold: new Promise(() => undefined) });
    expect(await faultOf(sessions.for(caller()))).toMatch(/^ServiceUnavailableException/);
  });

  it('is told to come back when STS is out of order', async () => {
    sts.answer = () => ({ error: [503, 'ServiceUnavailable', ''] });
    expect(await faultOf(sessions.for(caller()))).toBe(
      'ServiceUnavailableException: The gateway cannot get a session from AWS STS at the moment.',
    );
    expect(sts.requests).toHaveLength(3);
    nowMs += 2_000;
    sts.answer = () => ({});
    await sessions.for(caller());
  });
});
