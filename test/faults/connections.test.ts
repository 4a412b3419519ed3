import { createHash } from 'node:crypto';
import { connect as connectHttp2 } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpServer } from '../../src/adapters/http-server.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { callAsAdmin } from './principals.ts';
import { converseCall, headText, jsonCall, type RawConnection, rawConnection, signed, stsCall } from './raw-client.ts';
import { expectNoSecrets, watch } from './secret-watch.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = frame(0x4, 0, 0, Buffer.alloc(0));

let server: TestServer;

beforeAll(async () => {
  server = watch(await startServer());
});
afterAll(async () => {
  expect(server.output()).not.toContain('"msg":"bug"');
  expect(await server.stop()).toBe(0);
  expectNoSecrets();
  removeFolders();
});

/** An HTTP/2 frame. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The same bytes in every run. */
function garbage(seed: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`${seed} ${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

async function say(...pieces: (string | Buffer)[]): Promise<RawConnection> {
  const connection = await rawConnection(server.url);
  for (const piece of pieces) connection.socket.write(piece);
  return connection;
}

async function expectAnswers(): Promise<void> {
  await callAsAdmin(server, 'sts', stsCall('GetCallerIdentity'));
}

describe('what is not HTTP', () => {
  it.each<[what: string, bytes: string | Buffer]>([
    ['a greeting', 'HELLO\r\n\r\n'],
    ['random bytes', garbage('random', 4_096)],
    ['a TLS client hello', Buffer.from('16030100f5010000f10303', 'hex')],
    ['zeros', Buffer.alloc(4_096)],
    ['another version of HTTP', 'GET / HTTP/9.9\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a header without a colon', 'GET / HTTP/1.1\r\nhost: x\r\nnonsense\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a negative length', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\nhello'],
    ['chunks of no length', 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n'],
  ])('%s: is answered 400 and the connection closed', async (_, bytes) => {
    const connection = await say(bytes);
    await connection.closed;
    expect(connection.received()).toMatch(/^HTTP\/1\.1 400 /);
    await expectAnswers();
  });

  it.each<[what: string, ...bytes: Buffer[]]>([
    ['random bytes', garbage('after the preface', 4_096)],
    ['text', Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(20))],
    ['a frame longer than agreed', SETTINGS, frame(0x0, 0, 1, Buffer.alloc(100_000))],
    ['headers on no stream', SETTINGS, frame(0x1, 0x5, 0, Buffer.alloc(10))],
    ['headers that are no HPACK', SETTINGS, frame(0x1, 0x5, 1, garbage('hpack', 100))],
    ['data on a stream that nobody opened', SETTINGS, frame(0x0, 0x1, 7, Buffer.from('hello'))],
    [
      'a window beyond all bounds',
      SETTINGS,
      frame(0x8, 0, 0, Buffer.from('7fffffff', 'hex')),
      frame(0x8, 0, 0, Buffer.from('7fffffff', 'hex')),
    ],
    [
      'continuations without end',
      SETTINGS,
      frame(0x1, 0, 1, Buffer.alloc(0)),
      ...Array.from({ length: 5_000 }, () => frame(0x9, 0, 1, Buffer.alloc(0))),
    ],
  ])('%s behind the preface of HTTP/2: the connection is closed', async (_, ...bytes) => {
    const connection = await say(PREFACE, ...bytes);
    await connection.closed;
    await expectAnswers();
  });
});

describe('a request in pieces', () => {
  it.each([1, 2, 3, 4, 8])('is HTTP/1.1 also when its first %i bytes come alone', async (length) => {
    const request = signed(server.url, stsCall('GetCallerIdentity'), {
      service: 'sts',
      keys: server.admin.credentials,
    });
    const text =
      headText(request, { 'content-length': String(request.body.length), connection: 'close' }) + request.body;
    const connection = await rawConnection(server.url);
    connection.socket.setNoDelay(true);
    connection.socket.write(text.slice(0, length));
    // Seen by the server for itself: another connection is served meanwhile.
    await expectAnswers();
    connection.socket.write(text.slice(length));
    await connection.closed;
    expect(connection.received()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([1, 3, 13, 14, 20])('is HTTP/2 also when the first %i bytes of its preface come alone', async (length) => {
    const connection = await rawConnection(server.url);
    connection.socket.setNoDelay(true);
    connection.socket.write(PREFACE.subarray(0, length));
    await expectAnswers();
    connection.socket.write(Buffer.concat([PREFACE.subarray(length), SETTINGS]));
    // The acknowledgement of our settings, behind the server's own.
    await expect.poll(() => connection.received().includes('\x00\x00\x00\x04\x01\x00\x00\x00\x00')).toBe(true);
    connection.socket.destroy();
  });

  it('that ends after its first byte is forgotten', async () => {
    const connection = await say('P');
    connection.socket.end();
    await connection.closed;
    await expectAnswers();
  });
});

describe('too many headers', () => {
  it('are refused over HTTP/1.1 from 64 KB on', async () => {
    for (const flood of [`x-flood: ${'x'.repeat(70_000)}\r\n`, 'a: b\r\n'.repeat(100_000)]) {
      const connection = await say('GET /healthz HTTP/1.1\r\nhost: x\r\n', flood, '\r\n');
      await connection.closed;
      // The answer, 431, is lost where the flood was still coming.
      expect(connection.received()).toMatch(/^(HTTP\/1\.1 431 |$)/);
    }
    await expectAnswers();
  });

  it('are refused over HTTP/2, and below that they are read', async () => {
    const session = connectHttp2(server.url, { maxSendHeaderBlockLength: 10_000_000 });
    session.on('error', () => {});
    const ask = (headers: Record<string, string>) => {
      const stream = session.request({ ':path': '/healthz', ...headers });
      return new Promise<unknown>((resolve) => {
        stream.on('response', ({ ':status': status }) => resolve(status));
        stream.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
        stream.on('close', () => resolve('closed'));
      });
    };
    expect(await ask({ 'x-large': 'x'.repeat(40_000) })).toBe(200);
    expect(await ask({ 'x-large': 'x'.repeat(200_000) })).not.toBe(200);
    expect(await ask(Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`x-${index}`, 'x'])))).not.toBe(
      200,
    );
    session.destroy();
    await expectAnswers();
  });
});

describe('clients that do not finish', () => {
  it('are left waiting by the hundred while others are answered', async () => {
    const request = signed(server.url, converseCall(), { service: 'bedrock', keys: server.admin.credentials });
    const half = headText(request).slice(0, -2);
    const waiting = await Promise.all([
      ...Array.from({ length: 300 }, () => say(half)),
      ...Array.from({ length: 100 }, () => say('P')),
      ...Array.from({ length: 100 }, () => say()),
      ...Array.from({ length: 100 }, () => say(PREFACE)),
    ]);
    await callAsAdmin(server, 'bedrock', converseCall({ inputTokens: 1, outputTokens: 1 }));
    for (const { socket } of waiting) socket.write('x');
    await expectAnswers();
    for (const { socket } of waiting) socket.destroy();
    await expectAnswers();
  });

  it('are dropped when they open streams to reset them', async () => {
    const session = connectHttp2(server.url);
    session.on('error', () => {});
    const request = signed(server.url, converseCall(), { service: 'bedrock', keys: server.admin.credentials });
    const { host, ...headers } = request.headers;
    for (let round = 0; round < 5_000 && !session.destroyed; round++) {
      const stream = session.request({ ':method': 'POST', ':path': request.path, ':authority': host!, ...headers });
      stream.on('error', () => {});
      stream.close(8);
    }
    await expectAnswers();
    session.destroy();
    const inFlight = async () => {
      const { text } = await callAsAdmin(server, 'tallyline', jsonCall('Tallyline.GetDiagnosis', {}));
      return /(\d+) requests in flight/.exec(text)?.[1];
    };
    await expect.poll(inFlight, { timeout: 20_000 }).toBe('0');
  });

  it('lose their connection after the timeouts of the HTTP server', async () => {
    const quick = new HttpServer({
      host: '127.0.0.1',
      port: 0,
      clock: Date.now,
      headersTimeoutMs: 200,
      bodyTimeoutMs: 200,
      handle: async () => ({ status: 200, headers: {}, body: 'answered' }),
      refuse: (_, fault) => ({ status: 400, headers: {}, body: `${fault.code} ${fault.message}` }),
    });
    const url = `http://127.0.0.1:${await quick.listen()}`;
    const silent = await rawConnection(url);
    const oneByte = await rawConnection(url);
    oneByte.socket.write('P');
    const halfHead = await rawConnection(url);
    halfHead.socket.write('POST / HTTP/1.1\r\nhost: x\r\n');
    const drip = setInterval(() => halfHead.socket.write('x: y\r\n'), 20);
    const halfBody = await rawConnection(url);
    halfBody.socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhello');
    await Promise.all([silent.closed, oneByte.closed, halfHead.closed]);
    clearInterval(drip);
    expect(halfHead.received()).toMatch(/^HTTP\/1\.1 408 /);
    await expect.poll(halfBody.received).toContain('SerializationException The request body was not sent in time.');
    halfBody.socket.destroy();
    await quick.close(0);
  });

  it('to ask anything more lose their connection, and not while an answer is under way', async () => {
    const slow = Promise.withResolvers<void>();
    const quick = new HttpServer({
      host: '127.0.0.1',
      port: 0,
      clock: Date.now,
      idleTimeoutMs: 100,
      handle: async ({ path }) => {
        if (path === '/slow') await slow.promise;
        return { status: 200, headers: {}, body: `answered ${path}` };
      },
      refuse: () => ({ status: 503, headers: {}, body: '' }),
    });
    const url = `http://127.0.0.1:${await quick.listen()}`;
    const waiting = await rawConnection(url);
    waiting.socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n');
    const idle = await rawConnection(url);
    idle.socket.write('GET /quick HTTP/1.1\r\nhost: x\r\n\r\n');
    await idle.closed;
    expect(idle.received()).toMatch(/^HTTP\/1\.1 200 OK\r\nkeep-alive: timeout=60\r\n.*answered \/quick$/s);
    slow.resolve();
    await waiting.closed;
    expect(waiting.received()).toMatch(/answered \/slow$/);
    await quick.close(0);
  });

  it('to read a streamed answer are taken for gone: its source is told, and the server can end', async () => {
    let ended = 0;
    const endless = async function* () {
      try {
        for (;;) yield Buffer.alloc(65_536);
      } finally {
        ended += 1;
      }
    };
    const quick = new HttpServer({
      host: '127.0.0.1',
      port: 0,
      clock: Date.now,
      stallTimeoutMs: 200,
      handle: async () => ({ status: 200, headers: {}, body: endless() }),
      refuse: () => ({ status: 503, headers: {}, body: '' }),
    });
    const url = `http://127.0.0.1:${await quick.listen()}`;
    const deaf = await rawConnection(url);
    deaf.socket.pause();
    deaf.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const session = connectHttp2(url);
    session.on('error', () => {});
    session.request({ ':path': '/' }).on('error', () => {});
    await expect.poll(() => [ended, quick.inFlight], { timeout: 10_000 }).toEqual([2, 0]);
    session.destroy();
    deaf.socket.destroy();
    await quick.close(0);
  });
});
