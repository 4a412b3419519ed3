import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';
import type { Notice } from '../kernel/notice.ts';
import { isPublicAddress } from './webhook-notice-sender/public-connector.ts';
import { WebhookNoticeSender, type WebhookOptions } from './webhook-notice-sender.ts';

const NOTICE: Notice = {
  id: '7d5f5f6e-2f7c-4e0a-9d1b-0c6a3e2d1f00',
  accountId: '123456789012',
  address: { type: 'SNS', address: 'arn:aws:sns:us-east-1:123456789012:spend' },
  subject: 'AWS Budgets: R&D <team> has exceeded your alert threshold',
  text: '81% of 10.00 USD',
  facts: { budgetName: 'R&D <team>', actualAmount: '8.1' },
};
const NOW_MS = Date.UTC(2026, 10, 29, 12);

interface Post {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function listening(server: Server, scheme: string): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${scheme}://localhost:${(server.address() as AddressInfo).port}`;
}

/** Notes every post, then answers it. */
function noting(posts: Post[], answer: RequestListener): RequestListener {
  return (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      posts.push({ path: request.url!, headers: request.headers, body });
      answer(request, response);
    });
  };
}

function sender(url: string, options: Partial<WebhookOptions> = {}): WebhookNoticeSender {
  const made = new WebhookNoticeSender({
    url,
    format: 'json',
    allowPrivateAddresses: true,
    timeoutMs: 5_000,
    clock: () => NOW_MS,
    ...options,
  });
  ends.push(() => made.close());
  return made;
}

describe('WebhookNoticeSender', () => {
  it('posts the notice over TLS, signed as Standard Webhooks say, the same id in every attempt', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
      ],
    });
    const posts: Post[] = [];
    const url = await listening(
      createTlsServer(
        { key, cert },
        noting(posts, (_, response) => response.end('ok')),
      ),
      'https',
    );
    const secret = `whsec_${Buffer.from('a secret of 24 bytes ...').toString('base64')}`;
    const webhook = sender(`${url}/hooks/spend?team=fin`, { ca: cert, secret });
    await webhook.send(NOTICE);
    await webhook.send(NOTICE);
    expect(posts.map(({ path }) => path)).toEqual(Array(2).fill('/hooks/spend?team=fin'));
    for (const { headers, body } of posts) {
      expect(JSON.parse(body)).toEqual({
        id: NOTICE.id,
        accountId: '123456789012',
        topic: 'arn:aws:sns:us-east-1:123456789012:spend',
        subject: NOTICE.subject,
        text: NOTICE.text,
        facts: NOTICE.facts,
      });
      const signed = createHmac('sha256', 'a secret of 24 bytes ...').update(`${NOTICE.id}.${NOW_MS / 1_000}.${body}`);
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'webhook-id': NOTICE.id,
        'webhook-timestamp': String(NOW_MS / 1_000),
        'webhook-signature': `v1,${signed.digest('base64')}`,
      });
    }
    await expect(sender(url).send(NOTICE)).rejects.toThrow(/self-signed/);
  });

  it('posts what Slack takes, with its markup escaped', async () => {
    const posts: Post[] = [];
    const url = await listening(createServer(noting(posts, (_, response) => response.end('ok'))), 'http');
    await sender(url, { format: 'slack' }).send(NOTICE);
    expect(JSON.parse(posts[0]!.body)).toEqual({
      text: '*AWS Budgets: R&amp;D &lt;team&gt; has exceeded your alert threshold*\n81% of 10.00 USD',
    });
    expect(posts[0]!.headers['webhook-signature']).toBeUndefined();
  });

  it('fails for every answer that is no success, and follows no redirect', async () => {
    const posts: Post[] = [];
    const statuses = [302, 400, 503];
    const answer: RequestListener = (_, response) =>
      response.writeHead(statuses.shift()!, { location: '/elsewhere' }).end('x'.repeat(100));
    const webhook = sender(await listening(createServer(noting(posts, answer)), 'http'));
    await expect(webhook.send(NOTICE)).rejects.toThrow(/answers 302; redirects are not followed/);
    await expect(webhook.send(NOTICE)).rejects.toThrow(/answers 400$/);
    await expect(webhook.send(NOTICE)).rejects.toThrow(/answers 503$/);
    expect(posts.map(({ path }) => path)).toEqual(['/', '/', '/']);
  });

  it('waits no longer than it was told, and is not held up by an endless answer', async () => {
    const silent = sender(
      await listening(
        createServer(() => {}),
        'http',
      ),
      { timeoutMs: 100 },
    );
    await expect(silent.send(NOTICE)).rejects.toThrow(/no answer in time/);
    const endless = createServer((_, response) => {
      const write = (): void => {
        if (response.write('x'.repeat(10_000))) setImmediate(write);
        else response.once('drain', write);
      };
      write();
    });
    await expect(sender(await listening(endless, 'http')).send(NOTICE)).resolves.toBeUndefined();
  });

  it('connects to no private address, by number or by name, unless it is allowed', async () => {
    const posts: Post[] = [];
    const url = await listening(createServer(noting(posts, (_, response) => response.end())), 'http');
    const numbers = ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]'].map((host) => url.replace('localhost', host));
    for (const address of [url, ...numbers]) {
      const strict = sender(address, { allowPrivateAddresses: false });
      await expect(strict.send(NOTICE)).rejects.toThrow(/is no public address/);
    }
    expect(posts).toEqual([]);
  });

  it.each([
    ['10.0.0.1', false],
    ['100.64.0.1', false],
    ['127.255.255.255', false],
    ['169.254.169.254', false],
    ['172.16.0.1', false],
    ['172.32.0.1', true],
    ['192.168.1.1', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['8.8.8.8', true],
    ['::1', false],
    ['::ffff:10.0.0.1', false],
    ['64:ff9b::a00:1', false],
    ['fc00::1', false],
    ['fe80::1', false],
    ['2002:a00:1::', false],
    ['2001::1', false],
    ['2606:4700::1111', true],
    ['localhost', false],
  ])('takes %s for public: %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic);
  });
});
