import { describe, expect, it } from 'vitest';
import { parseMasterKey, runMasterKeyCommand } from './master-key-command.ts';

const KEY = Buffer.alloc(32, 3);
const BASE64 = KEY.toString('base64');

/** A command that runs a script with this interpreter. */
function command(script: string, timeoutMs = 10_000): Promise<Buffer> {
  return runMasterKeyCommand({ argv: [process.execPath, '-e', script], timeoutMs, environment: { SECRET: BASE64 } });
}

/** The message it is refused with. */
async function refusal(running: Promise<Buffer>): Promise<string> {
  try {
    await running;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

describe('runMasterKeyCommand', () => {
  it('takes what the command prints, with the environment of the server', async () => {
    expect(await command('console.log(process.env.SECRET)')).toEqual(KEY);
  });

  it('uses no shell', async () => {
    const argv = [process.execPath, '-p', `process.argv[1] === '$(id)' ? '${BASE64}' : ''`, '$(id)'];
    expect(await runMasterKeyCommand({ argv, timeoutMs: 10_000, environment: {} })).toEqual(KEY);
  });

  it('says how it failed, and repeats nothing that was printed', async () => {
    const failures: [() => Promise<Buffer>, RegExp][] = [
      [() => command(`console.error('${BASE64}'); process.exit(7)`), /ended with 7; run it by hand/],
      [() => command(`console.log('${BASE64}'); process.exit(7)`), /ended with 7/],
      [() => command(`console.log('${BASE64}x')`), /printed is not 32 bytes in base64/],
      [() => command(`console.log('${BASE64}'.repeat(200))`), /printed more than 4096 bytes/],
      [() => command(`console.log('${BASE64}'); setInterval(() => {}, 1000)`, 300), /did not end within 300 ms/],
      [
        () => runMasterKeyCommand({ argv: ['no-such-program'], timeoutMs: 1_000, environment: {} }),
        /`no-such-program` was not found/,
      ],
    ];
    for (const [running, message] of failures) {
      const text = await refusal(running());
      expect(text).toMatch(message);
      expect(text).not.toContain(BASE64.slice(0, 16));
    }
  });
});

describe('parseMasterKey', () => {
  it('takes 32 bytes in base64 and nothing else', () => {
    for (const encoding of ['base64', 'base64url'] as const) {
      expect(parseMasterKey(KEY.toString(encoding), 'it')).toEqual(KEY);
    }
    for (const text of ['c2hvcnQ=', '', `${BASE64}\n`, `${BASE64}${BASE64}`]) {
      expect(() => parseMasterKey(text, '`KEY`')).toThrow(/`KEY` is not 32 bytes in base64/);
    }
    expect(() => parseMasterKey('c2hvcnQ=', '`KEY`')).not.toThrow(/c2hvcnQ/);
  });
});
