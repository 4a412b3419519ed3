import { createHmac } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { Agent } from 'undici';
import type { Notice, NoticeFile, NoticeSender } from '../kernel/notice.ts';
import { type Clock, SECOND_MS } from '../kernel/time.ts';
import { type AddressRule, publicConnector } from './webhook-notice-sender/public-connector.ts';

export interface WebhookOptions extends AddressRule {
  /** `https`; also `http` where private addresses are allowed. */
  readonly url: string;
  /** `json`: the notice with its facts and files; `slack`: `{text}` as Slack, Mattermost and others take it. */
  readonly format: 'json' | 'slack';
  /** Absent: not signed. `whsec_` and base64, or any text. */
  readonly secret?: string;
  /** PEM of certificate authorities that are trusted besides Node's. */
  readonly ca?: string;
  /** Longest whole exchange. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** An answer's body is of no use. */
const MAX_ANSWER_BYTES = 64 * 1_024;
const SECRET_PREFIX = 'whsec_';

/**
 * Posts notices to one URL, with headers and signature of the Standard Webhooks specification (standardwebhooks.com,
 * version 1): `webhook-id`, the same in every attempt; `webhook-timestamp`, seconds; `webhook-signature`, HMAC-SHA256 over
 * `id.timestamp.body`. Redirects are not followed.
 */
export class WebhookNoticeSender implements NoticeSender {
  readonly #options: WebhookOptions;
  readonly #agent: Agent;
  readonly #key: Buffer | undefined;

  constructor(options: WebhookOptions) {
    this.#options = options;
    const { ca, timeoutMs, secret } = options;
    const trusted = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
    this.#agent = new Agent({
      allowH2: false,
      connections: 2,
      pipelining: 1,
      maxResponseSize: MAX_ANSWER_BYTES,
      connect: publicConnector({ timeout: timeoutMs, ...trusted }, options),
    });
    this.#key = secret === undefined ? undefined : keyOf(secret);
  }

  async send(notice: Notice, files: readonly NoticeFile[] = []): Promise<void> {
    const { url, format, timeoutMs } = this.#options;
    const { origin, pathname, search } = new URL(url);
    const body = JSON.stringify(format === 'slack' ? slackMessage(notice) : message(notice, files));
    const { statusCode, body: answer } = await this.#agent
      .request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'tallyline', ...this.#headers(notice.id, body) },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      })
      .catch((error: unknown) => {
        throw new Error(`${origin}: ${reasonOf(error)}`);
      });
    await answer.dump({ limit: MAX_ANSWER_BYTES }).catch(() => {});
    if (statusCode >= 200 && statusCode < 300) return;
    const isRedirect = statusCode >= 300 && statusCode < 400;
    throw new Error(`${origin} answers ${statusCode}${isRedirect ? '; redirects are not followed' : ''}`);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #headers(id: string, body: string): Record<string, string> {
    const timestamp = String(Math.floor(this.#options.clock() / SECOND_MS));
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
    if (!this.#key) return headers;
    const signature = createHmac('sha256', this.#key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return { ...headers, 'webhook-signature': `v1,${signature}` };
  }
}

/** Files in base64. */
function message({ id, accountId, address, subject, text, facts }: Notice, files: readonly NoticeFile[]): object {
  const attachments = files.map(({ name, contentType, bytes }) => {
    return { name, contentType, data: Buffer.from(bytes).toString('base64') };
  });
  return { id, accountId, topic: address.address, subject, text, facts, ...(files.length > 0 && { attachments }) };
}

/** Slack reads `&`, `<` and `>` as markup. */
function slackMessage({ subject, text }: Notice): object {
  const plain = (part: string) => part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { text: `*${plain(subject)}*\n${plain(text)}` };
}

function keyOf(secret: string): Buffer {
  return secret.startsWith(SECRET_PREFIX)
    ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    : Buffer.from(secret);
}

function reasonOf(error: unknown): string {
  const { name, message: text, code } = error as NodeJS.ErrnoException;
  return name === 'TimeoutError' ? 'no answer in time' : text || code || name;
}
