import { SmtpNoticeSender } from '../adapters/smtp-notice-sender.ts';
import { WebhookNoticeSender } from '../adapters/webhook-notice-sender.ts';
import type { NoticesConfig, SmtpConfig, WebhookConfig } from '../config.ts';
import { Fault } from '../kernel/fault.ts';
import type { AttachmentSource } from '../kernel/notice.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import type { Clock } from '../kernel/time.ts';
import { NoticeBook } from '../notices/notice-book.ts';
import { NoticeDispatch } from '../notices/notice-dispatch.ts';
import { RoutedNoticeSender } from '../notices/notice-routing.ts';
import { readCertificates } from './tls.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface NoticesParts {
  readonly config: NoticesConfig;
  readonly environment: Environment;
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
  readonly attachmentOf: AttachmentSource;
}

const SMTP_PORTS = { starttls: 587, tls: 465, none: 25 } as const;

/** The outbox of notices and what empties it. */
export class Notices {
  readonly book: NoticeBook;
  readonly #sender: RoutedNoticeSender;
  readonly #dispatch: NoticeDispatch;

  /** Throws ConfigInvalid when a secret's variable is not set, or names do not lead to one receiver. */
  constructor({ config, environment, records, clock, onTrouble, attachmentOf }: NoticesParts) {
    this.book = new NoticeBook(records, clock);
    requireDistinct(
      config.webhooks.map(({ name }) => name),
      'notices.webhooks.name',
    );
    requireDistinct(
      config.topics.map(({ arn }) => arn),
      'notices.topics.arn',
    );
    const webhooks = new Map(
      config.webhooks.map((webhook) => [webhook.name, webhookSender(webhook, environment, clock)]),
    );
    for (const { arn, webhook } of config.topics) {
      if (webhook !== undefined && !webhooks.has(webhook)) {
        throw new Fault('ConfigInvalid', `the topic \`${arn}\` names the web hook \`${webhook}\`, which is not there`);
      }
    }
    const { smtp } = config;
    this.#sender = new RoutedNoticeSender({
      ...(smtp && { smtp: smtpSender(smtp, environment) }),
      ...{ webhooks, attachmentOf },
      topics: new Map(
        config.topics.map(({ arn, webhook, mail }) => [arn, webhook === undefined ? { mail: mail! } : { webhook }]),
      ),
    });
    const setTimer = (callback: () => void, delayMs: number) => {
      const timer = setTimeout(callback, delayMs).unref();
      return () => clearTimeout(timer);
    };
    this.#dispatch = new NoticeDispatch({ book: this.book, sender: this.#sender, clock, setTimer, onTrouble });
  }

  start(): void {
    this.#dispatch.start();
  }

  async stop(): Promise<void> {
    await this.#dispatch.stop();
    await this.#sender.close();
  }
}

function requireDistinct(names: readonly string[], member: string): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new Fault('ConfigInvalid', `\`${member}\` is \`${twice}\` more than once`);
}

function smtpSender(smtp: SmtpConfig, environment: Environment): SmtpNoticeSender {
  const { host, security, port = SMTP_PORTS[security], from, usernameEnv, passwordEnv, caFile, timeoutMs } = smtp;
  if ((usernameEnv === undefined) !== (passwordEnv === undefined)) {
    throw new Fault('ConfigInvalid', '`notices.smtp` needs `usernameEnv` and `passwordEnv`, or neither of them');
  }
  if (passwordEnv !== undefined && security === 'none') {
    throw new Fault('ConfigInvalid', '`notices.smtp` would send a password in the clear: use `starttls` or `tls`');
  }
  const credentials = passwordEnv !== undefined && {
    user: variable(usernameEnv!, 'notices.smtp.usernameEnv', environment),
    password: variable(passwordEnv, 'notices.smtp.passwordEnv', environment),
  };
  return new SmtpNoticeSender({
    ...{ host, port, security, from, timeoutMs },
    ...(credentials && { credentials }),
    ...readCertificates(caFile),
  });
}

function webhookSender(webhook: WebhookConfig, environment: Environment, clock: Clock): WebhookNoticeSender {
  const { name, url, format, secretEnv, caFile, allowPrivateAddresses, timeoutMs } = webhook;
  if (new URL(url).protocol !== 'https:' && !allowPrivateAddresses) {
    throw new Fault('ConfigInvalid', `the web hook \`${name}\` needs an https URL`);
  }
  return new WebhookNoticeSender({
    ...{ url, format, allowPrivateAddresses, timeoutMs, clock },
    ...(secretEnv !== undefined && { secret: variable(secretEnv, `the secret of the web hook ${name}`, environment) }),
    ...readCertificates(caFile),
  });
}

function variable(name: string, what: string, environment: Environment): string {
  const value = environment[name];
  if (!value) throw new Fault('ConfigInvalid', `set the environment variable \`${name}\`, which ${what} names`);
  return value;
}
