import type { AttachmentSource, Notice, NoticeFile, NoticeSender } from '../kernel/notice.ts';

/** Who takes what is sent to a topic. */
export type TopicReceiver =
  | { readonly webhook: string }
  /** Mail addresses. */
  | { readonly mail: readonly string[] };

export interface NoticeReceivers {
  /** Absent: mail cannot be sent. */
  readonly smtp?: NoticeSender;
  readonly webhooks: ReadonlyMap<string, NoticeSender>;
  /** By ARN. */
  readonly topics: ReadonlyMap<string, TopicReceiver>;
  readonly attachmentOf: AttachmentSource;
}

/** Hands every notice to the receiver that the configuration names for its address. */
export class RoutedNoticeSender implements NoticeSender {
  readonly #receivers: NoticeReceivers;

  constructor(receivers: NoticeReceivers) {
    this.#receivers = receivers;
  }

  async send(notice: Notice): Promise<void> {
    const { type, address } = notice.address;
    const files = await Promise.all((notice.attachments ?? []).map(this.#receivers.attachmentOf));
    if (type === 'EMAIL') return this.#mail(notice, files, [address]);
    const receiver = this.#receivers.topics.get(address);
    if (!receiver) throw new Error(`\`notices.topics\` does not say who takes what is sent to \`${address}\``);
    if ('mail' in receiver) return this.#mail(notice, files, receiver.mail);
    await this.#receivers.webhooks.get(receiver.webhook)!.send(notice, files);
  }

  async close(): Promise<void> {
    const { smtp, webhooks } = this.#receivers;
    await Promise.all([...(smtp ? [smtp] : []), ...webhooks.values()].map((sender) => sender.close()));
  }

  async #mail(notice: Notice, files: readonly NoticeFile[], addresses: readonly string[]): Promise<void> {
    const { smtp } = this.#receivers;
    if (!smtp) throw new Error('`notices.smtp` names no mail server');
    for (const address of addresses) await smtp.send({ ...notice, address: { type: 'EMAIL', address } }, files);
  }
}
