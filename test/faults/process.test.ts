import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EventStreamDecoder } from '../../src/wire/event-stream.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { failedStart, refusedWith } from './failed-start.ts';
import { canMount, mountMemory, unmount } from './memory-mount.ts';
import { callAsAdmin } from './principals.ts';
import {
  jsonCall,
  MODEL,
  type RawAnswer,
  rawConnection,
  restCall,
  send,
  sendHttp2,
  signed,
  stsCall,
} from './raw-client.ts';
import { expectNoSecrets, watch } from './secret-watch.ts';
import { totals } from './totals.ts';

afterAll(() => {
  expectNoSecrets();
  removeFolders();
});

const whoami = (server: TestServer) => callAsAdmin(server, 'sts', stsCall('GetCallerIdentity'));

describe('a start that cannot be', () => {
  it('on the folder of a server that runs is refused, and that server goes on', async () => {
    const server = watch(await startServer());
    const file = join(server.data, 'directory.sqlite');
    const sentence = `\`${file}\` is in use by another process; stop it or choose another data folder`;
    expect(await failedStart(server.data)).toEqual(refusedWith(sentence));
    await whoami(server);
    expect(await server.stop()).toBe(0);
  });

  it('on a port that is taken is refused, and costs the first administrator nothing', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const data = temporaryFolder('port');
    const { port } = other.address() as AddressInfo;
    const sentence = `cannot listen on \`127.0.0.1:${port}\`: another process listens there; choose another with --port`;
    expect(await failedStart(data, { arguments: ['--port', String(port)] })).toEqual(refusedWith(sentence));
    other.close();
    const server = watch(await startServer({ data }));
    await whoami(server);
    expect(await server.stop()).toBe(0);
  });

  it('with options or a configuration that make no sense is refused', async () => {
    const data = temporaryFolder('options');
    const port = (text: string) => failedStart(data, { arguments: ['--port', text] });
    expect(await port('99999')).toEqual(refusedWith('--port `99999` is not a port: use 0 to 65535'));
    expect(await failedStart(data, { config: 'durability: maybe' })).toEqual(
      refusedWith(/`[^`]*` is not a valid configuration: `durability` must be one of fsync, os, memory/),
    );
    const unset = 'the master key is to be in the environment variable `TALLYLINE_KEY`, which is not set';
    expect(await failedStart(data, { config: 'masterKeyEnv: TALLYLINE_KEY' })).toEqual(refusedWith(unset));
    const short =
      'the master key in `TALLYLINE_KEY` is not 32 bytes in base64; make one with `openssl rand -base64 32`';
    const environment = { TALLYLINE_KEY: Buffer.alloc(31).toString('base64') };
    expect(await failedStart(data, { config: 'masterKeyEnv: TALLYLINE_KEY', environment })).toEqual(refusedWith(short));
    const store =
      'the cost store at `http://127.0.0.1:9` cannot be used: the cost store does not answer (ECONNREFUSED); try again in a moment';
    expect(await failedStart(data, { config: 'costStore: { url: "http://127.0.0.1:9" }' })).toEqual(refusedWith(store));
  });

  it('with another master key, or one that others can read, is refused', async () => {
    const server = watch(await startServer());
    expect(await server.stop()).toBe(0);
    const file = join(server.data, 'master.key');
    const key = readFileSync(file);
    writeFileSync(file, Buffer.alloc(32, 7));
    const sentence = 'the master key does not fit the data folder; use the key it was made with';
    expect(await failedStart(server.data)).toEqual(refusedWith(sentence));
    writeFileSync(file, 'short');
    const short = `the master key file \`${file}\` does not have 32 bytes; restore it from a backup`;
    expect(await failedStart(server.data)).toEqual(refusedWith(short));
    writeFileSync(file, key);
    chmodSync(file, 0o644);
    const open = `the master key file \`${file}\` is open to everybody; run \`chmod 600 ${file}\``;
    expect(await failedStart(server.data)).toEqual(refusedWith(open));
    chmodSync(file, 0o600);
    const again = watch(await startServer({ data: server.data }));
    await whoami(again);
    expect(await again.stop()).toBe(0);
  });

  it('on a data folder that is a file, or holds another database, is refused', async () => {
    const folder = temporaryFolder('file');
    writeFileSync(join(folder, 'data'), '');
    const exists = `cannot make the data folder \`${join(folder, 'data')}\`: EEXIST`;
    expect((await failedStart(join(folder, 'data'))).stderr).toMatch(
      new RegExp(`^tallyline: ${exists}[^\n]*; choose another with --data\n$`),
    );
    writeFileSync(
      join(folder, 'directory.sqlite'),
      'this is no database at all, but a text that is long enough for a header of one'.repeat(20),
    );
    const sentence = `\`${join(folder, 'directory.sqlite')}\` cannot be opened as a database: file is not a database`;
    expect(await failedStart(folder)).toEqual(refusedWith(sentence));
  });

  it.skipIf(!canMount)('on a data folder that cannot be written is refused', async () => {
    const folder = temporaryFolder('readonly');
    mountMemory(folder, '1m', 'ro');
    try {
      const inside = `cannot make the data folder \`${join(folder, 'data')}\`: `;
      expect((await failedStart(join(folder, 'data'))).stderr).toMatch(new RegExp(`^tallyline: ${inside}[^\n]*\n$`));
      const { exit, stderr } = await failedStart(folder);
      expect([exit, stderr]).toEqual([
        1,
        expect.stringMatching(/^tallyline: `[^`]*directory\.sqlite` cannot be opened as a database: EROFS[^\n]*\n$/),
      ]);
    } finally {
      unmount(folder);
    }
  });
});

describe('what a server leaves on the disk', () => {
  it('can be read by its owner alone where it is secret', async () => {
    const server = watch(await startServer());
    const modes = [
      'aws/credentials',
      'aws/config',
      'master.key',
      'directory.sqlite',
      'directory.sqlite-wal',
      'journal/0000000001.journal',
    ];
    for (const file of modes) expect([file, statSync(join(server.data, file)).mode & 0o777]).toEqual([file, 0o600]);
    for (const folder of ['aws', 'journal', 'store'])
      expect([folder, statSync(join(server.data, folder)).mode & 0o777]).toEqual([folder, 0o700]);
    expect(await server.stop()).toBe(0);
    const stored = execFileSync('grep', ['-rlaF', '--', server.admin.credentials.secretAccessKey, server.data], {
      encoding: 'utf8',
    });
    expect(stored.trim()).toBe(join(server.data, 'aws', 'credentials'));
  });

  it('does not let a server that cannot read it think that nothing was there', async () => {
    const server = watch(await startServer());
    expect(await server.stop()).toBe(0);
    writeFileSync(join(server.data, 'journal', 'shipped.json'), '{"journalId":');
    const again = watch(await startServer({ data: server.data }));
    await expect.poll(() => again.output()).toMatch(/cost path: .*shipped\.json` is damaged/);
    const ready = { method: 'GET', path: '/readyz', query: '', headers: { host: 'x' }, body: '' };
    expect((await send(again.url, ready)).text).toContain('"costStore":"unavailable"');
    const { text } = await callAsAdmin(again, 'tallyline', jsonCall('Tallyline.GetDiagnosis', {}));
    expect(text).toContain('shipped.json');
    expect(await again.stop()).toBe(0);
  });
});

describe('SIGTERM', () => {
  it('at the moment the server says that it listens ends it in good order', async () => {
    const data = temporaryFolder('signal');
    for (let round = 0; round < 3; round++) expect(await (await startServer({ data })).stop()).toBe(0);
  });

  it('lets the calls that run complete, and their cost is there at the next start', async () => {
    const upstream = await startHeldUpstream();
    const upstreams = [{ name: 'held', type: 'openai', url: upstream.url }];
    const server = watch(await startServer({ config: { upstreams } }));
    const request = (operation: string) =>
      signed(
        server.url,
        restCall(`/model/${MODEL}/${operation}`, { messages: [{ role: 'user', content: [{ text: 'hello' }] }] }),
        { service: 'bedrock', keys: server.admin.credentials },
      );
    const idle = await rawConnection(server.url);
    const idleSession = connectHttp2(server.url);
    idleSession.on('error', () => {});
    const calls = [
      send(server.url, request('converse-stream')),
      sendHttp2(server.url, request('converse-stream')),
      send(server.url, request('converse')),
      sendHttp2(server.url, request('converse')),
    ];
    await expect.poll(() => upstream.waiting()).toBe(calls.length);
    const stopped = server.stop();
    const isRefused = () =>
      rawConnection(server.url).then(
        ({ socket }) => void socket.destroy(),
        () => 'refused',
      );
    await expect.poll(isRefused, { timeout: 10_000 }).toBe('refused');
    upstream.release();

    const [stream1, stream2, whole1, whole2] = (await Promise.all(calls)) as [
      RawAnswer,
      RawAnswer,
      RawAnswer,
      RawAnswer,
    ];
    for (const { body } of [stream1, stream2]) {
      const decoder = new EventStreamDecoder();
      const events = [...decoder.decode(body)];
      decoder.end();
      expect(events.at(-1)!.headers[':event-type']).toBe('metadata');
      expect(body.toString('latin1').split(WORDS)).toHaveLength(LENGTH + 1);
    }
    for (const { text } of [whole1, whole2]) {
      expect(JSON.parse(text)).toMatchObject({ usage: { inputTokens: 100, outputTokens: 10 } });
      expect(text.split(WORDS)).toHaveLength(LENGTH + 1);
    }
    expect(await stopped).toBe(0);
    idle.socket.destroy();
    idleSession.destroy();
    await upstream.close();

    const again = watch(await startServer({ data: server.data }));
    expect(await totals(again)).toEqual({ Tokens: '440', Requests: '4', CostUsd: '0.00198' });
    expect(await again.stop()).toBe(0);
  });
});

const WORDS = 'Once upon a time. ';
/** Times that the held upstream says so: more than the sockets on the way can hold. */
const LENGTH = 400_000;

/** An OpenAI-compatible server that answers at length, and only once it is told to. */
async function startHeldUpstream() {
  const held = Promise.withResolvers<void>();
  let waiting = 0;
  const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
  const server = createHttpServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { stream } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { stream: boolean };
    if (!stream) {
      waiting += 1;
      await held.promise;
      const message = { role: 'assistant', content: WORDS.repeat(LENGTH) };
      response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }], usage }));
      return;
    }
    const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(event({ choices: [{ index: 0, delta: { content: WORDS } }] }));
    waiting += 1;
    await held.promise;
    for (let written = 1; written < LENGTH; written += 999) {
      const content = WORDS.repeat(Math.min(999, LENGTH - written));
      response.write(event({ choices: [{ index: 0, delta: { content } }] }));
    }
    response.end(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    waiting: () => waiting,
    release: () => held.resolve(),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
