import { afterEach, describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../adapters/sqlite-record-store.ts';
import type { Notice, NoticeSender } from '../kernel/notice.ts';
import { NoticeBook } from './notice-book.ts';
import { NoticeDispatch } from './notice-dispatch.ts';
import { MAX_ATTEMPTS } from './notice-record.ts';
import { RoutedNoticeSender } from './notice-routing.ts';

function notice(id: string, accountId = '123456789012'): Notice {
  const address = { type: 'EMAIL', address: 'fin@acme.example' } as const;
  return { id, accountId, address, subject: 'subject', text: 'text', facts: {} };
}

/** A dispatch whose time passes only when it is told to. */
class Bench {
  nowMs = 1_000_000;
  readonly troubles: string[] = [];
  readonly records = new SqliteRecordStore(':memory:', () => this.nowMs);
  #timer: { readonly atMs: number; readonly callback: () => void } | undefined;

  start(sender: NoticeSender): { book: NoticeBook; dispatch: NoticeDispatch } {
    const book = new NoticeBook(this.records, () => this.nowMs);
    const dispatch = new NoticeDispatch({
      book,
      sender,
      clock: () => this.nowMs,
      setTimer: (callback, delayMs) => {
        const timer = { atMs: this.nowMs + delayMs, callback };
        this.#timer = timer;
        return () => {
          if (this.#timer === timer) this.#timer = undefined;
        };
      },
      onTrouble: (message) => this.troubles.push(message),
    });
    dispatch.start();
    return { book, dispatch };
  }

  /** Lets the time pass until the next timer, and everything happen that it sets off. */
  async next(): Promise<void> {
    await this.settled();
    this.nowMs = Math.max(this.nowMs, this.#timer?.atMs ?? 0);
    await this.settled();
  }

  /** Everything that happens without waiting. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) {
      if (this.#timer && this.#timer.atMs <= this.nowMs) {
        const { callback } = this.#timer;
        this.#timer = undefined;
        callback();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const benches: Bench[] = [];
afterEach(async () => {
  for (const { records } of benches.splice(0)) await records.close();
});
function bench(): Bench {
  const made = new Bench();
  benches.push(made);
  return made;
}

class ScriptedSender implements NoticeSender {
  readonly sent: string[] = [];
  readonly #outcomes: (string | undefined)[];

  /** Failures by their reason, in order; every attempt after them succeeds. */
  constructor(outcomes: (string | undefined)[] = []) {
    this.#outcomes = outcomes;
  }

  async send({ id }: Notice): Promise<void> {
    this.sent.push(id);
    const failure = this.#outcomes.shift();
    if (failure !== undefined) throw new Error(failure);
  }

  async close(): Promise<void> {}
}

describe('NoticeDispatch', () => {
  it('tries again after twice the time, until the receiver takes it', async () => {
    const at = bench();
    const sender = new ScriptedSender(['down', 'still down']);
    const { book } = at.start(sender);
    await book.post([notice('a')]);
    await at.settled();
    expect(book.list()).toMatchObject([{ state: 'pending', attempts: 1, failure: 'down', nextAttemptAtMs: 1_005_000 }]);
    await at.next();
    expect(book.list()).toMatchObject([{ state: 'pending', attempts: 2, nextAttemptAtMs: 1_015_000 }]);
    await at.next();
    expect(book.list()).toMatchObject([{ state: 'sent', attempts: 3, finishedAtMs: 1_015_000 }]);
    expect(book.list()[0]!.failure).toBeUndefined();
    expect(sender.sent).toEqual(['a', 'a', 'a']);
  });

  it('gives up after a day of failures and says so', async () => {
    const at = bench();
    const { book } = at.start(new ScriptedSender(Array(100).fill('no such mailbox')));
    await book.post([notice('a')]);
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) await at.next();
    expect(book.list()).toMatchObject([{ state: 'failed', attempts: MAX_ATTEMPTS, failure: 'no such mailbox' }]);
    expect(at.troubles).toEqual(['the notice a was given up: no such mailbox']);
    const hours = (at.nowMs - 1_000_000) / 3_600_000;
    expect(hours).toBeGreaterThan(24);
    expect(hours).toBeLessThan(26);
  });

  it('takes a notice once, also when its id comes again or twice at a time', async () => {
    const at = bench();
    const sender = new ScriptedSender();
    const { book } = at.start(sender);
    await Promise.all([book.post([notice('a')]), book.post([notice('a'), notice('b')])]);
    await at.settled();
    await book.post([notice('a')]);
    await at.settled();
    expect(sender.sent.toSorted()).toEqual(['a', 'b']);
  });

  it('sends after a restart what was not marked as sent, under the same id', async () => {
    const at = bench();
    let isDead = false;
    const dying: NoticeSender = {
      // Taken by the receiver, and the process is gone before it can note that.
      send: () => {
        isDead = true;
        return new Promise(() => {});
      },
      close: async () => {},
    };
    const { book } = at.start(dying);
    await book.post([notice('a')]);
    await at.settled();
    expect(isDead).toBe(true);
    const sender = new ScriptedSender();
    const { book: reopened } = at.start(sender);
    await at.settled();
    expect(sender.sent).toEqual(['a']);
    expect(reopened.list()).toMatchObject([{ state: 'sent', attempts: 1 }]);
  });

  it('keeps what it has to send for the next start when it is stopped', async () => {
    const at = bench();
    const { book, dispatch } = at.start(new ScriptedSender());
    await dispatch.stop();
    await book.post([notice('a')]);
    await at.settled();
    expect(book.list()).toMatchObject([{ state: 'pending', attempts: 0 }]);
  });
});

describe('one account with very many notices', () => {
  const flood = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => notice(`${name} ${index}`, '222222222222'));

  it('keeps no other from being told', async () => {
    const at = bench();
    const { book, dispatch } = at.start(new ScriptedSender());
    await dispatch.stop();
    await book.post(flood('a', 11_000));
    await book.post([notice('payer')]);
    const states = book.list().map(({ notice: { accountId }, state }) => `${accountId} ${state}`);
    expect(states.filter((text) => text === '222222222222 pending')).toHaveLength(2_000);
    expect(states.filter((text) => text === '222222222222 failed')).toHaveLength(9_000);
    expect(states.filter((text) => text === '123456789012 pending')).toHaveLength(1);
  });

  it('pushes nothing of the others off the record', async () => {
    const at = bench();
    const { book } = at.start(new ScriptedSender());
    await book.post([notice('payer')]);
    await at.settled();
    await book.post(flood('a', 8_000));
    at.nowMs += 1;
    await book.post([notice('last')]);
    while (book.due(at.nowMs).length > 0) await at.next();
    const own = book.list().filter(({ notice: { accountId } }) => accountId === '123456789012');
    expect(own).toMatchObject([{ state: 'sent' }, { state: 'sent' }]);
    expect(book.list().length).toBeLessThanOrEqual(5_002);
  });
});

describe('RoutedNoticeSender', () => {
  it('names the member of the configuration that is missing', async () => {
    const hook = new ScriptedSender();
    const sender = new RoutedNoticeSender({
      webhooks: new Map([['fin', hook]]),
      topics: new Map([
        ['arn:hook', { webhook: 'fin' }],
        ['arn:mail', { mail: ['a@acme.example'] }],
      ]),
      attachmentOf: () => Promise.reject(new Error('no files')),
    });
    const to = (type: 'EMAIL' | 'SNS', address: string) => ({ ...notice('a'), address: { type, address } });
    await sender.send(to('SNS', 'arn:hook'));
    expect(hook.sent).toEqual(['a']);
    await expect(sender.send(to('EMAIL', 'a@acme.example'))).rejects.toThrow('`notices.smtp` names no mail server');
    await expect(sender.send(to('SNS', 'arn:mail'))).rejects.toThrow('`notices.smtp` names no mail server');
    await expect(sender.send(to('SNS', 'arn:other'))).rejects.toThrow(/who takes what is sent to `arn:other`/);
  });
});
