import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChdbEngine } from '../../src/adapters/chdb-engine.ts';
import { MIGRATIONS } from '../../src/adapters/clickhouse-cost-store/cost-tables.ts';
import { type EmbeddedEngine, embeddedEngine, eventually } from './embedded-engine.ts';

describe('the endpoint of the embedded engine', () => {
  let embedded: EmbeddedEngine;
  let client: ClickHouseClient;
  let url: string;
  let authorization: string;

  beforeAll(async () => {
    embedded = await embeddedEngine();
    const connection = await embedded.engine.connection();
    url = connection.url;
    authorization = `Basic ${btoa(`${connection.username}:${connection.password}`)}`;
    client = clientOf(connection);
  });

  afterAll(async () => {
    await client.close();
    await embedded[Symbol.asyncDispose]();
  });

  const post = (query: Record<string, string>, body = '', headers: Record<string, string> = { authorization }) =>
    fetch(`${url}/?${new URLSearchParams(query)}`, { method: 'POST', body, headers });
  const textOf = async (sql: string) => (await client.query({ query: sql, format: 'TabSeparated' })).text();

  describe('lets in', () => {
    it('whoever knows the secret, by either kind of header', async () => {
      const { username, password } = await embedded.engine.connection();
      const byKey = { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password };
      expect(await (await post({}, 'SELECT 1', byKey)).text()).toBe('1\n');
      expect(await (await post({}, 'SELECT 1')).text()).toBe('1\n');
    });

    it.each([
      ['no credentials', {}, 401, '194'],
      ['a wrong password', { authorization: `Basic ${btoa('tallyline:guess')}` }, 403, '516'],
      ['a wrong user', { 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': '' }, 403, '516'],
      ['credentials that are none', { authorization: 'Bearer x', 'X-ClickHouse-Key': '' }, 403, '516'],
    ])('nobody with %s', async (_, headers, status, code) => {
      const response = await post({}, 'SELECT 1', headers);
      expect(response.status).toBe(status);
      expect(response.headers.get('X-ClickHouse-Exception-Code')).toBe(code);
    });

    it('nobody to the secret through the command line or the environment of the process', async () => {
      const { password } = await embedded.engine.connection();
      const proc = `/proc/${embedded.engine.pid}`;
      if (process.platform !== 'linux') return;
      expect(readFileSync(`${proc}/cmdline`, 'utf8')).not.toContain(password);
      expect(readFileSync(`${proc}/environ`, 'utf8')).not.toContain(password);
    });

    it('anybody who only asks whether it lives', async () => {
      expect(await (await fetch(`${url}/ping`)).text()).toBe('Ok.\n');
      expect(await client.ping()).toEqual({ success: true });
    });
  });

  describe('answers', () => {
    it('errors with ClickHouse’s code and name', async () => {
      await expect(textOf('SELECT nothing FROM nowhere')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
      await expect(textOf('SELEC 1')).rejects.toMatchObject({ code: '62', type: 'SYNTAX_ERROR' });
      const response = await post({}, 'SELECT throwIf(1)');
      expect(response.status).toBe(500);
      expect(response.headers.get('X-ClickHouse-Exception-Code')).toBe('395');
    });

    it('an error and no rows when the query fails half-way', async () => {
      const response = await post({}, 'SELECT throwIf(number = 2000000) FROM numbers(3000000)');
      expect(response.status).toBe(500);
    });

    it('one statement at a time', async () => {
      for (const wait_end_of_query of ['0', '1']) {
        const response = await post({ wait_end_of_query }, 'SELECT 1; SELECT 2');
        expect(response.headers.get('X-ClickHouse-Exception-Code')).toBe('62');
      }
    });

    it('DDL, SHOW and DESCRIBE', async () => {
      await client.command({ query: 'CREATE TABLE shown (a UInt8) ENGINE = Memory' });
      expect(await textOf("SHOW TABLES LIKE 'shown'")).toBe('shown\n');
      expect(await textOf('DESCRIBE TABLE shown')).toMatch(/^a\tUInt8/);
      expect(await textOf('EXISTS TABLE shown')).toBe('1\n');
      expect(await textOf('(SELECT 1) UNION ALL SELECT 1')).toBe('1\n1\n');
    });

    it('what a slow subquery holds up without holding up others', async () => {
      const slow = client.query({
        query: `SELECT (SELECT sum(sleepEachRow(0.05)) FROM numbers(40) SETTINGS max_block_size = 1),
          1 IN (SELECT sleepEachRow(0.05) FROM numbers(40) SETTINGS max_block_size = 1)`,
        format: 'TabSeparated',
      });
      let isOver = false;
      void slow.then(() => (isOver = true));
      for (let time = 0; time < 10; time++) expect(await client.ping()).toEqual({ success: true });
      expect(isOver).toBe(false);
      expect(await (await slow).text()).toBe('0\t0\n');
    });

    it('as many statements at once as it takes, and refuses the rest', async () => {
      const slow = 'SELECT sleepEachRow(0.1) FROM numbers(5) SETTINGS max_block_size = 1';
      const codes = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const response = await post({}, slow);
          await response.text();
          return response.headers.get('X-ClickHouse-Exception-Code');
        }),
      );
      expect(codes.filter((code) => code === null)).toHaveLength(12);
      expect(codes.filter((code) => code === '202')).toHaveLength(8);
    });
  });

  describe('takes settings and parameters for values', () => {
    it('of one request alone', async () => {
      const setting = "SELECT value FROM system.settings WHERE name = 'max_block_size'";
      const usual = await (await post({}, setting)).text();
      expect(await (await post({ max_block_size: '777' }, setting)).text()).toBe('777\n');
      expect(await (await post({}, setting)).text()).toBe(usual);
    });

    it.each([
      ['max_threads = 1, log_queries', '1'],
      ["max_threads'", '1'],
      ['param_a b', '1'],
      ['a;DROP TABLE t', '1'],
      ['session_id', 'x'],
      ['user', 'default'],
    ])('and refuses the name `%s`', async (name, value) => {
      const response = await post({ [name]: value }, 'SELECT 1');
      expect([response.status, response.headers.get('X-ClickHouse-Exception-Code')]).toEqual([400, '36']);
    });

    it.each([
      "1', max_threads = '2",
      "1'; DROP TABLE kept; --",
      "\\', max_threads = 7 --",
      '1\n\nDROP TABLE kept',
      '1\0',
    ])('and refuses or keeps the value %j', async (value) => {
      await client.command({ query: 'CREATE TABLE IF NOT EXISTS kept (a UInt8) ENGINE = Memory' });
      expect((await post({ max_threads: value }, 'SELECT 1')).status).toBe(500);
      const name = 'SELECT {v:String}';
      const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll("'", "\\'");
      const answer = await post({ param_v: escaped, default_format: 'RawBLOB' }, name);
      expect(await answer.text()).toBe(value);
      expect(await textOf('EXISTS TABLE kept')).toBe('1\n');
    });

    it('and refuses a setting that does not exist, one given twice, and odd names of databases, formats and queries', async () => {
      expect((await post({ no_such_setting: '1' }, 'SELECT 1')).headers.get('X-ClickHouse-Exception-Code')).toBe('115');
      const twice = await fetch(`${url}/?max_threads=1&max_threads=2`, {
        method: 'POST',
        body: 'SELECT 1',
        headers: { authorization },
      });
      expect(twice.status).toBe(400);
      for (const odd of [{ database: 'a`b' }, { default_format: 'TSV;' }, { query_id: "'" }]) {
        expect((await post(odd, 'SELECT 1')).status).toBe(400);
      }
    });

    it('many of them at once, none mistaken for another’s', async () => {
      const answers = await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          const result = await client.query({
            query: 'SELECT {v:UInt32} AS v FROM numbers(3) GROUP BY v',
            query_params: { v: index },
            format: 'TabSeparated',
          });
          return result.text();
        }),
      );
      expect(answers).toEqual(Array.from({ length: 60 }, (_, index) => `${index}\n`));
    });
  });

  describe('takes rows', () => {
    beforeAll(async () => {
      await client.command({
        query: `CREATE TABLE bytes (b FixedString(1)) ENGINE = MergeTree ORDER BY tuple()
          SETTINGS non_replicated_deduplication_window = 100`,
      });
      await client.command({ query: 'CREATE TABLE victim (a UInt8) ENGINE = Memory' });
    });

    const insert = (bytes: Uint8Array, settings = {}) =>
      client.exec({
        query: 'INSERT INTO bytes (b) FORMAT RowBinary',
        values: Readable.from([Buffer.from(bytes)], { objectMode: false }),
        clickhouse_settings: settings,
      });

    it('of any bytes, also those that end a statement elsewhere', async () => {
      const bytes = Buffer.concat([
        Buffer.from(Array.from({ length: 256 }, (_, byte) => [byte, byte, byte]).flat()),
        Buffer.from('\n\nDROP TABLE victim;\n\nDROP TABLE victim\r\n\r\n; \0'),
      ]);
      await insert(bytes);
      expect(await textOf('SELECT count() FROM bytes')).toBe(`${bytes.length}\n`);
      expect(await textOf('EXISTS TABLE victim')).toBe('1\n');
    });

    it('with a deduplication token for one insert and not for the next', async () => {
      await client.command({ query: 'TRUNCATE TABLE bytes' });
      const token = { insert_deduplication_token: 'once' };
      await insert(Buffer.from('a'), token);
      await insert(Buffer.from('a'), token);
      await insert(Buffer.from('b'));
      await insert(Buffer.from('c'));
      expect(await textOf('SELECT count() FROM bytes')).toBe('3\n');
    });

    it('in whole or not at all', async () => {
      await client.command({ query: 'CREATE TABLE pairs (a UInt32) ENGINE = MergeTree ORDER BY a' });
      const cut = client.exec({
        query: 'INSERT INTO pairs FORMAT RowBinary',
        values: Readable.from([Buffer.alloc(4 * 1000 + 3)], { objectMode: false }),
      });
      await expect(cut).rejects.toMatchObject({ code: '33' });
      expect(await textOf('SELECT count() FROM pairs')).toBe('0\n');
    });

    it('for INSERT alone, and leaves no file behind', async () => {
      expect((await post({ query: 'SELECT 1' }, 'rows')).status).toBe(400);
      expect((await post({ query: 'INSERT INTO bytes SELECT 1' }, 'rows')).status).toBe(400);
      await eventually('no file is left behind', () => readdirSync(join(embedded.folder, 'spool')).length === 0);
    });
  });

  it('holds a result that does not fit in memory neither here nor there', async () => {
    const before = memoryBytes(embedded.engine.pid);
    let read = 0;
    const { stream } = await client.exec({
      query: 'SELECT number, hex(sipHash128(number)) FROM numbers(10000000) FORMAT TSV',
    });
    for await (const chunk of stream) read += (chunk as Buffer).length;
    expect(read).toBeGreaterThan(400_000_000);
    expect(memoryBytes(embedded.engine.pid) - before).toBeLessThan(300_000_000);
    await eventually('no file is left behind', () => readdirSync(join(embedded.folder, 'spool')).length === 0);
  });

  it('stops a statement whose client has gone', async () => {
    const abort = new AbortController();
    const query = "SELECT sum(sleepEachRow(0.05)), 'gone' FROM numbers(1200) SETTINGS max_block_size = 1";
    const running = async () => (await textOf('SELECT query FROM system.processes')).includes("'gone\\'");
    const answer = client.query({ query, abort_signal: abort.signal }).catch(() => 'aborted');
    await eventually('the query runs', running);
    abort.abort();
    expect(await answer).toBe('aborted');
    await eventually('the query is gone', async () => !(await running()));
  });
});

describe('the process of the embedded engine', () => {
  it('keeps its folder to itself', async () => {
    await using embedded = await embeddedEngine();
    await embedded.engine.connection();
    expect(statSync(embedded.folder).mode & 0o777).toBe(0o700);
  });

  it('keeps to its limits', async () => {
    await using embedded = await embeddedEngine({ limits: { memoryBytes: 700_000_000, queryThreads: 1 } });
    const client = clientOf(await embedded.engine.connection());
    const heavy = client.query({ query: 'SELECT uniqExact(number), uniqExact(-number) FROM numbers(100000000)' });
    await expect(heavy).rejects.toMatchObject({ type: 'MEMORY_LIMIT_EXCEEDED' });
    const threads = await client.query({ query: "SELECT getSetting('max_threads')", format: 'TabSeparated' });
    expect(await threads.text()).toBe('1\n');
    await client.close();
  });

  it('says what to do where chDB is not installed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallyline-store-'));
    const source = fileURLToPath(new URL('../../src', import.meta.url));
    for (const part of ['kernel/fault.ts', 'adapters/chdb-engine.ts', 'adapters/chdb-engine']) {
      cpSync(join(source, part), join(folder, part), { recursive: true });
    }
    const script = `import { ChdbEngine } from ${JSON.stringify(join(folder, 'adapters/chdb-engine.ts'))};
      await ChdbEngine.start({ folder: ${JSON.stringify(join(folder, 'data'))} }).catch(({ code, message }) => console.log(code, message));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(stdout).toMatch(/^ConfigInvalid .*`chdb`.*`costStore\.url`/);
    rmSync(folder, { recursive: true });
  });

  it('waits for one that is about to leave the folder', async () => {
    await using embedded = await embeddedEngine();
    const next = ChdbEngine.start({ folder: embedded.folder });
    await embedded.engine.close();
    await (await next).close();
  });

  it('is one alone of three that start together; the others wait for it, one after another', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallyline-store-'));
    const starts = [1, 2, 3].map(() => ChdbEngine.start({ folder }));
    await Promise.all(starts.map(async (start) => (await start).close()));
    rmSync(folder, { recursive: true });
  });

  it('refuses a folder that another one has, and leaves that one in peace', async () => {
    await using first = await embeddedEngine();
    // The note of a part that is not in place yet, which is taken out where nobody has the folder.
    const logs = join(first.folder, 'engine', 'store', 'abc', 'abcdef', 'deduplication_logs');
    mkdirSync(logs, { recursive: true });
    const log = join(logs, 'deduplication_log_1.txt');
    const note = '1\t202611_5_5_0\t202611_b\n';
    writeFileSync(log, note);
    await expect(ChdbEngine.start({ folder: first.folder })).rejects.toMatchObject({
      code: 'DataFolderInUse',
      message: expect.stringContaining(first.folder),
    });
    expect(readFileSync(log, 'utf8')).toBe(note);
    const store = first.store();
    await store.prepare();
    await store.close();
  });

  it('refuses a folder that cannot be made', async () => {
    const folder = join(fileURLToPath(import.meta.url), 'below-a-file');
    await expect(ChdbEngine.start({ folder })).rejects.toMatchObject({ code: 'DataFolderUnusable' });
  });

  it('takes a folder of any name but one that the engine would take for a pattern', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'tallyline-store-'));
    const engine = await ChdbEngine.start({ folder: join(parent, "it's [a] \\ folder") });
    const client = clientOf(await engine.connection());
    await client.command({ query: 'CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a' });
    await client.insert({ table: 't', values: [{ a: '1' }], format: 'JSONEachRow' });
    expect(await (await client.query({ query: 'SELECT * FROM t', format: 'TabSeparated' })).text()).toBe('1\n');
    await client.close();
    await engine.close();
    for (const name of ['a*', 'a?', '{a,b}']) {
      await expect(ChdbEngine.start({ folder: join(parent, name) })).rejects.toMatchObject({
        code: 'DataFolderUnusable',
      });
    }
    rmSync(parent, { recursive: true });
  });

  it('is started again with other credentials when it dies, and has what was stored', async () => {
    const reasons: string[] = [];
    await using embedded = await embeddedEngine({ onRestart: (reason) => reasons.push(reason) });
    const store = embedded.store();
    await store.prepare();
    const before = await embedded.engine.connection();
    for (let time = 1; time <= 2; time++) {
      process.kill(embedded.engine.pid, 'SIGKILL');
      await eventually('its death is noticed', () => reasons.length === time);
      const sql = 'SELECT max(version) AS version FROM schema_version';
      expect(await store.query({ sql, params: {} })).toEqual([{ version: MIGRATIONS.length }]);
    }
    expect(reasons[0]).toContain('SIGKILL');
    expect((await embedded.engine.connection()).password).not.toBe(before.password);
    await store.close();
  });

  it('ends at once when it is asked to, whatever runs', async () => {
    const embedded = await embeddedEngine();
    const { pid } = embedded.engine;
    const client = clientOf(await embedded.engine.connection());
    const answer = client
      .query({ query: 'SELECT sum(sleepEachRow(0.1)) FROM numbers(3000) SETTINGS max_block_size = 1' })
      .catch(() => 'stopped');
    await eventually('the query runs', async () => {
      const found = await client.query({ query: 'SELECT count() FROM system.processes', format: 'TabSeparated' });
      return Number(await found.text()) > 1;
    });
    await embedded[Symbol.asyncDispose]();
    expect(await answer).toBe('stopped');
    expect(isAlive(pid)).toBe(false);
    await client.close();
  });

  it('does not outlive its parent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallyline-store-'));
    const script = fileURLToPath(new URL('./parent-process.ts', import.meta.url));
    const parent = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await eventually('the engine has ended', () => !isAlive(pid));
    rmSync(folder, { recursive: true, force: true });
  });
});

function clientOf(connection: Awaited<ReturnType<ChdbEngine['connection']>>): ClickHouseClient {
  return createClient({ ...connection, request_timeout: 120_000, log: { level: ClickHouseLogLevel.OFF } });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resident memory of a process; 0 where there is no /proc. */
function memoryBytes(pid: number): number {
  if (process.platform !== 'linux') return 0;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}
