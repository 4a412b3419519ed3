import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InvocationLog, type InvocationLogParts } from '../../src/app/invocation-log.ts';
import { redacted } from '../../src/invocations/redaction.ts';
import { WaitingRoom } from '../../src/invocations/waiting-room.ts';
import { usageEvent } from '../rating/usage-event.ts';

/** Rows of docs/ATTACKS.md: each title stands there. */
const MB = 1_000_000;

describe('texts against the redaction', () => {
  it('bodies that are one long word hold nobody up, and break nothing', () => {
    const kinds = ['email', 'phone', 'card', 'aws-access-key', 'gateway-key'] as const;
    const long = 'a'.repeat(26 * MB);
    expect(redacted(`${long} a.b+c@x-y.example.com!`, kinds) === `${long} [email]!`).toBe(true);
    expect(redacted('AKIA'.repeat(6 * MB), kinds)).toHaveLength(24 * MB);
    expect(redacted('a@'.repeat(3 * MB), kinds)).toHaveLength(6 * MB);
    expect(redacted('@x.org a@b@c.org, AKIAABCDEFGHIJKLMNOP', kinds)).toBe('@x.org a@[email], [aws-access-key]');
  });
});

describe('room in the log', () => {
  it('answers whose log was switched off before they ended take up no room for ever', async () => {
    const written: string[] = [];
    let isOn = true;
    const configuration = { bucketName: 'b', includes: { text: true, image: true, embedding: true } };
    const stage = async (_bucket: unknown, _key: string, bytes: AsyncIterable<Buffer>) => ({
      publish: async () => {
        for await (const one of bytes) written.push(String(gunzipSync(one)));
      },
    });
    const log = new InvocationLog({
      settings: { redact: [], inlineBytesMax: 1_000, bodyBytesMax: MB, flushSeconds: 60 },
      configurations: { get: () => (isOn ? configuration : undefined) },
      ...{ storeOf: () => ({ stage }), modelOf: () => undefined, clock: () => 0, onTrouble: () => {} },
    } as unknown as InvocationLogParts);
    const call = (requestId: string, bytes: Buffer) => {
      const body = { contentType: 'application/json', bytes };
      return { requestId, accountId: '123456789012', input: body, output: body, isWhole: false };
    };
    for (let each = 0; each < 10; each += 1) {
      isOn = true;
      log.seen(call(`r${each}`, Buffer.alloc(5 * MB)));
      isOn = false;
      log.settling(usageEvent({ requestId: `r${each}` }));
    }
    isOn = true;
    log.seen(call('last', Buffer.from('{}')));
    log.settling(usageEvent({ requestId: 'last' }));
    await log.stop();
    expect(written.map((line) => JSON.parse(line).requestId)).toEqual(['last']);
  });

  it('an account that fills the log with large bodies leaves room for the others', () => {
    const room = new WaitingRoom(64 * MB);
    let taken = 0;
    while (room.take('111122223333', 4 * MB)) taken += 1;
    expect(taken).toBe(8);
    expect(room.take('444455556666', 20 * MB)).toBe(true);
    expect(room.take('444455556666', 1 * MB)).toBe(false);
    expect(room.take('777788889999', 10 * MB)).toBe(true);
    for (let each = 0; each < taken; each += 1) room.give('111122223333', 4 * MB);
    expect(room.take('111122223333', 30 * MB)).toBe(true);
  });
});
