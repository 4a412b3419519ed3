import { describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../adapters/sqlite-record-store.ts';
import type { NoticesConfig } from '../config.ts';
import { Notices } from './notices.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:spend';
const webhook = {
  name: 'fin',
  url: 'https://hooks.example.com/spend',
  format: 'json',
  allowPrivateAddresses: false,
  timeoutMs: 1_000,
} as const;
const smtp = { host: 'localhost', security: 'starttls', from: 'a@b.example', timeoutMs: 1_000 } as const;

const NO_FILES = () => Promise.reject(new Error('no files'));

function begin(config: Partial<NoticesConfig>, environment: Record<string, string> = {}): Notices {
  const records = new SqliteRecordStore(':memory:', () => 0);
  const all = { webhooks: [], topics: [], ...config };
  return new Notices({
    config: all,
    environment,
    records,
    clock: () => 0,
    onTrouble: () => {},
    attachmentOf: NO_FILES,
  });
}

describe('Notices', () => {
  it('begin with everything that is configured', async () => {
    const secrets = { secretEnv: 'HOOK_SECRET' };
    const login = { usernameEnv: 'SMTP_USER', passwordEnv: 'SMTP_PASSWORD' };
    const notices = begin(
      {
        smtp: { ...smtp, ...login },
        webhooks: [{ ...webhook, ...secrets }],
        topics: [{ arn: TOPIC, webhook: 'fin' }],
      },
      { HOOK_SECRET: 'x', SMTP_USER: 'u', SMTP_PASSWORD: 'p' },
    );
    notices.start();
    await expect(notices.stop()).resolves.toBeUndefined();
  });

  it.each<[string, Partial<NoticesConfig>, RegExp]>([
    [
      'no variable of a secret',
      { webhooks: [{ ...webhook, secretEnv: 'NO_SUCH' }] },
      /set the environment variable `NO_SUCH`/,
    ],
    ['http to the public', { webhooks: [{ ...webhook, url: 'http://hooks.example.com/' }] }, /needs an https URL/],
    ['two web hooks of one name', { webhooks: [webhook, webhook] }, /`notices.webhooks.name` is `fin` more than once/],
    ['a topic without its web hook', { topics: [{ arn: TOPIC, webhook: 'fin' }] }, /names the web hook `fin`/],
    ['half a login', { smtp: { ...smtp, usernameEnv: 'U' } }, /`usernameEnv` and `passwordEnv`, or neither/],
    [
      'a password in the clear',
      { smtp: { ...smtp, security: 'none', usernameEnv: 'U', passwordEnv: 'P' } },
      /would send a password in the clear/,
    ],
  ])('do not begin with %s', (_, config, reason) => {
    expect(() => begin(config)).toThrow(reason);
  });
});
