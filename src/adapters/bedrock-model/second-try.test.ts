import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BedrockServer, frame, refused, streamed, whole } from '../../../test/clients/bedrock-server.ts';
import { CALL_FACTS } from '../../inference/call-facts.fixture.ts';
import { SessionDirectory } from '../../inference/session-directory.ts';
import type { CallCredentials } from '../../inference/upstream-credentials.ts';
import { bedrockModel, eventsOf, failureOf, GivenCredentials, modelCall } from '../bedrock-model.fixture.ts';
import type { BedrockModel } from '../bedrock-model.ts';
import { SqliteRecordStore } from '../sqlite-record-store.ts';
import { ScriptedSts } from '../sts-sessions/scripted-sts.fixture.ts';
import { StsSessions } from '../sts-sessions.ts';

const USAGE = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
const ANSWER = {
  output: { message: { role: 'assistant', content: [{ text: 'Hello.' }] } },
  ...{ stopReason: 'end_turn', usage: USAGE, metrics: { latencyMs: 1 } },
};
const EVENTS = [
  frame('messageStart', { role: 'assistant' }),
  frame('messageStop', { stopReason: 'end_turn' }),
  frame('metadata', { usage: USAGE, metrics: { latencyMs: 1 } }),
];
const RENEWED: CallCredentials = {
  ...{ accessKeyId: 'ASIARENEWED', secretAccessKey: 'secret', sessionToken: 'renewed' },
  ...{ principalArn: 'arn:aws:sts::999999999999:assumed-role/BedrockRole/alice', isGatewayPrincipal: false },
};

const server = new BedrockServer();
let endpoint: string;
let credentials: GivenCredentials;
let model: BedrockModel;

beforeAll(async () => {
  endpoint = await server.listen();
});
afterAll(() => server.close());
beforeEach(async () => {
  await model?.close();
  credentials = new GivenCredentials();
  model = bedrockModel({ endpoint, credentials });
  server.asks.length = 0;
  server.script = (reply, { path, headers }) => {
    const isRenewed = headers['x-amz-security-token'] === 'renewed';
    if (!isRenewed)
      return refused(reply, 403, 'ExpiredTokenException', 'The security token included in the request is expired');
    return path.endsWith('-stream') ? streamed(reply, EVENTS) : whole(reply, ANSWER);
  };
});

describe('a session that Bedrock says has run out', () => {
  it('is renewed once, and the call goes on', async () => {
    credentials.next = RENEWED;
    const answer = await model.complete(modelCall());
    expect(answer).toMatchObject({ stopReason: 'end_turn', upstream: { principalArn: RENEWED.principalArn } });
    expect(server.asks).toHaveLength(2);
  });

  it('is renewed for a stream as well, before its first event', async () => {
    credentials.next = RENEWED;
    const events = await eventsOf(model, modelCall());
    expect(events.at(-1)).toMatchObject({ type: 'end', upstream: { principalArn: RENEWED.principalArn } });
    expect(server.asks).toHaveLength(2);
  });

  it('ends the call when there is no other one, or the other one is refused too', async () => {
    for (const next of [undefined, { ...RENEWED, sessionToken: 'also expired' }]) {
      server.asks.length = 0;
      credentials.next = next;
      expect(await failureOf(model.complete(modelCall()))).toMatchObject({ code: 'ServiceUnavailableException' });
      expect(server.asks).toHaveLength(next ? 2 : 1);
      credentials.next = next;
      expect(await failureOf(eventsOf(model, modelCall()))).toMatchObject({ code: 'ServiceUnavailableException' });
      expect(server.asks).toHaveLength(next ? 4 : 2);
    }
  });
});

// peers row 60: session tags leaked into the model's body, which refused it.
it('sends the tags of a session to STS and never to the model', async () => {
  const sts = await ScriptedSts.start();
  const records = new SqliteRecordStore(':memory:', () => 0);
  const sessions = new StsSessions({
    ...{ upstream: 'aws', directory: new SessionDirectory(records, () => 0), region: 'us-east-1', endpoint: sts.url },
    rule: {
      roleArn: () => 'arn:aws:iam::999999999999:role/BedrockRole',
      sessionName: ({ userName }) => userName,
      ...{ tags: 'all', transitiveTagKeys: [], durationSeconds: 3_600 },
    },
    gateway: {
      for: async () => ({ ...RENEWED, isGatewayPrincipal: true }),
      refused: () => false,
      close: async () => {},
    },
    ...{ onFailure: 'refuse', maxSessions: 10, callsPerSecond: 10, timeoutMs: 1_000 },
    ...{ clock: () => Date.now(), random: () => 0, wait: async () => {}, onTrouble: () => {} },
  });
  const own = bedrockModel({ endpoint, credentials: sessions });
  server.script = (reply) => whole(reply, ANSWER);
  const caller = { ...CALL_FACTS.caller, tags: new Map([['team', 'data-science-of-the-north']]) };
  await own.complete(modelCall({ caller }));
  expect(sts.requests[0]!.tags).toEqual({ team: 'data-science-of-the-north' });
  expect(JSON.stringify(server.last)).not.toContain('data-science-of-the-north');
  expect(JSON.parse(server.last.body)).toMatchObject({
    messages: [{ role: 'user', content: [{ text: 'Say hello.' }] }],
  });
  await own.close();
  await sts.stop();
});
