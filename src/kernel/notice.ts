import type { RecordChange } from './record-store.ts';

/**
 * A message to people about their spend. The id stays the same however often it is handed over, so that what receives it
 * can tell a repetition.
 */
export interface Notice {
  /** UUID. */
  readonly id: string;
  /** Account whose budget, monitor or export it is about. */
  readonly accountId: string;
  readonly address: NoticeAddress;
  /** One line. */
  readonly subject: string;
  /** Plain text for people. */
  readonly text: string;
  /** The same facts as JSON, for programs. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Files that go along, written when the notice is sent: what is kept of them is where they come from. Absent: none. */
  readonly attachments?: readonly NoticeAttachment[];
}

export interface NoticeAttachment {
  /** `SHB-2026-0001-v1.pdf`. */
  readonly name: string;
  /** Tells an AttachmentSource which file it is; the same source always gives the same bytes. */
  readonly source: string;
}

/** An attachment with its content. */
export interface NoticeFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Port: writes the files of attachments. Throws an Error that says why it cannot. */
export type AttachmentSource = (attachment: NoticeAttachment) => Promise<NoticeFile>;

/** Where to: a subscriber as AWS's billing services name them. A topic is an ARN that the configuration maps to a receiver. */
export interface NoticeAddress {
  readonly type: 'EMAIL' | 'SNS';
  readonly address: string;
}

/** Port: takes notices that must not get lost. */
export interface NoticeOutbox {
  /** Durable when it resolves; sent afterwards, and tried again until it is. A notice whose id is known already is not taken again. */
  post(notices: readonly Notice[]): Promise<void>;
  /** The same as changes, to be written in one transaction with what the notices tell of. */
  changesFor(notices: readonly Notice[]): RecordChange[];
}

/** Port: hands notices to mail servers and web hooks. */
export interface NoticeSender {
  /** Resolves when the receiver has taken it. Throws an Error that says in one sentence why not; it may be tried again. */
  send(notice: Notice, files?: readonly NoticeFile[]): Promise<void>;
  close(): Promise<void>;
}

/** Names of budgets and monitors may have line breaks; in a notice each would look like a line of its own. */
export function oneLine(name: string): string {
  return name.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
