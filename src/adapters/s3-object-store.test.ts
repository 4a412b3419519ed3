import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { S3_CREDENTIALS } from '../../test/s3/s3-credentials.ts';
import { S3Server } from '../../test/s3/s3-server.ts';
import { Fault } from '../kernel/fault.ts';
import { S3ObjectStore } from './s3-object-store.ts';

const BILLS = { name: 'bills', region: 'us-east-1' };
const MIB = 2 ** 20;

let server: S3Server;
let destination: S3ObjectStore;

beforeAll(async () => {
  server = await S3Server.start('bills');
  destination = new S3ObjectStore({ endpoint: server.url, pathStyle: true, credentials: S3_CREDENTIALS });
});
afterAll(async () => {
  destination.close();
  await server.close();
});
beforeEach(() => {
  server.reply = () => undefined;
  server.seen.length = 0;
});

async function* bytes(...pieces: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

async function faultOf(outcome: Promise<unknown>): Promise<Fault> {
  const fault = await outcome.catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(Fault);
  return fault as Fault;
}

describe('an object', () => {
  test('is put, read, listed and removed', async () => {
    await destination.put(BILLS, 'a/b=c/x.json', '{"é":1}');
    await destination.put(BILLS, 'probe', '');
    expect(await destination.read(BILLS, 'a/b=c/x.json')).toBe('{"é":1}');
    expect(await destination.read(BILLS, 'a/none')).toBeUndefined();
    expect(await destination.list(BILLS, 'a/')).toEqual(['a/b=c/x.json']);
    await destination.remove(BILLS, 'a/b=c/x.json');
    await destination.remove(BILLS, 'a/b=c/x.json');
    expect(await destination.list(BILLS, 'a/')).toEqual([]);
  });

  test('says when it was written last', async () => {
    const beforeMs = Date.now() - 2_000;
    await destination.put(BILLS, 'a/b.json', '{}');
    expect(await destination.modifiedAtMs(BILLS, 'a/b.json')).toBeGreaterThan(beforeMs);
    expect(await destination.modifiedAtMs(BILLS, 'a/none.json')).toBeUndefined();
  });

  test('is listed beyond one page', async () => {
    server.reply = ({ query }) => {
      if (query['list-type'] === undefined) return undefined;
      const isFirst = query['continuation-token'] === undefined;
      const rest = isFirst ? '<IsTruncated>true</IsTruncated><NextContinuationToken>t/=</NextContinuationToken>' : '';
      const Key = `many/${isFirst ? 'a' : query['continuation-token']}`;
      return [200, `<ListBucketResult>${rest}<Contents><Key>${Key}</Key></Contents></ListBucketResult>`];
    };
    expect(await destination.list(BILLS, 'many/')).toEqual(['many/a', 'many/t/=']);
  });

  test('of many parts is seen when it is published, byte for byte', async () => {
    const pieces = Array.from({ length: 41 }, (_, index) => Buffer.alloc(MIB / 2 + index, index));
    const staged = await destination.stage(BILLS, 'big/x.csv.gz', bytes(...pieces));
    expect(server.seen.filter(({ query }) => query.partNumber).length).toBe(3);
    expect(server.keys('bills')).not.toContain('big/x.csv.gz');
    await staged.publish();
    expect(server.object('bills', 'big/x.csv.gz').equals(Buffer.concat(pieces))).toBe(true);
    expect(server.uploads('bills')).toEqual([]);
  });

  test('may be empty, and replaces what is there', async () => {
    await (await destination.stage(BILLS, 'x', bytes('old'))).publish();
    await (await destination.stage(BILLS, 'x', bytes())).publish();
    expect(server.object('bills', 'x')).toHaveLength(0);
  });

  test('that is discarded, or whose content fails, leaves nothing', async () => {
    await (await destination.stage(BILLS, 'gone', bytes('x'))).discard();
    const failing = async function* () {
      yield* bytes(Buffer.alloc(9 * MIB));
      throw new Error('no more rows');
    };
    await expect(destination.stage(BILLS, 'gone', failing())).rejects.toThrow('no more rows');
    expect(server.uploads('bills')).toEqual([]);
    expect(server.keys('bills')).not.toContain('gone');
  });

  test('whose part is refused ends with that, and asks for no more content', async () => {
    server.reply = ({ query }) => (query.partNumber === '2' ? [403, 'AccessDenied'] : undefined);
    let readCount = 0;
    const endless = async function* () {
      for (;;) {
        readCount += 1;
        yield Buffer.alloc(4 * MIB);
      }
    };
    expect((await faultOf(destination.stage(BILLS, 'no', endless()))).code).toBe('AccessDeniedException');
    expect(readCount).toBeLessThan(20);
    expect(server.uploads('bills')).toEqual([]);
  });

  test('that a killed process has staged is given up below its folder', async () => {
    await destination.stage(BILLS, 'mine/x', bytes('x'));
    await destination.stage(BILLS, 'other/x', bytes('x'));
    await destination.discardStaged(BILLS, 'mine/');
    expect(server.uploads('bills')).toEqual(['other/x']);
    server.reply = ({ query }) => (query.uploads === undefined ? undefined : [501, 'NotImplemented']);
    await destination.discardStaged(BILLS, 'other/');
  });
});

describe('requests', () => {
  test('carry their MD5 and the account that must own the bucket', async () => {
    const owned = { ...BILLS, ownerAccountId: '123456789012' };
    await destination.put(owned, 'x', 'y');
    await (await destination.stage(owned, 'x', bytes('y'))).publish();
    await destination.list(owned, 'x/');
    expect(server.seen.map(({ headers }) => headers['x-amz-expected-bucket-owner'])).toEqual(
      server.seen.map(() => '123456789012'),
    );
    const bodies = server.seen.filter(({ method }) => method === 'PUT');
    expect(bodies.map(({ headers }) => headers['content-md5'])).toEqual(bodies.map(() => 'QVKQdpWURg4uSFkikE80XQ=='));
    expect(bodies.every(({ headers }) => /^[0-9a-f]{64}$/.test(headers['x-amz-content-sha256']!))).toBe(true);
  });

  test.each([
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
    [403, 'SignatureDoesNotMatch'],
  ] as const)('answered with %i %s are refusals', async (status, code) => {
    server.reply = () => [status, code];
    const calls = [
      () => destination.put(BILLS, 'x', 'y'),
      () => destination.stage(BILLS, 'x', bytes('y')),
      () => destination.read(BILLS, 'x'),
      () => destination.list(BILLS, 'x/'),
    ];
    for (const call of calls) {
      const fault = await faultOf(call());
      expect([fault.code, fault.message]).toEqual([
        'AccessDeniedException',
        `the bucket \`bills\` cannot be written (${code})`,
      ]);
    }
  });

  test('to a bucket that is not there, or with a key that is not known, are refused', async () => {
    expect((await faultOf(destination.put({ ...BILLS, name: 'no-bills' }, 'x', 'y'))).message).toContain(
      'NoSuchBucket',
    );
    const credentials = { ...S3_CREDENTIALS, accessKeyId: 'OTHER' };
    const stranger = new S3ObjectStore({ endpoint: server.url, pathStyle: true, credentials });
    expect((await faultOf(stranger.put(BILLS, 'x', 'y'))).message).toContain('InvalidAccessKeyId');
    stranger.close();
  });

  test('that nobody answers, or that are answered with another error, say so', async () => {
    const nowhere = new S3ObjectStore({
      endpoint: 'http://127.0.0.1:9',
      pathStyle: true,
      credentials: S3_CREDENTIALS,
    });
    const unanswered = await faultOf(nowhere.put(BILLS, 'x', 'y'));
    expect([unanswered.code, unanswered.message]).toEqual([
      'InternalServerException',
      'the bucket `bills` cannot be reached (ECONNREFUSED)',
    ]);
    nowhere.close();
    server.reply = () => [400, 'InvalidRequest'];
    expect((await faultOf(destination.put(BILLS, 'x', 'y'))).message).toContain('cannot be reached (InvalidRequest)');
  });

  test('are tried again when the store is not ready', async () => {
    let failures = 0;
    server.reply = ({ method }) => (method === 'PUT' && failures++ < 1 ? [503, 'SlowDown'] : undefined);
    await destination.put(BILLS, 'x', 'tried again');
    expect(server.object('bills', 'x').toString()).toBe('tried again');
  });
});
