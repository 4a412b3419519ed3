import { getCACertificates } from 'node:tls';
import { createTransport, type Transporter } from 'nodemailer';
import type { Notice, NoticeFile, NoticeSender } from '../kernel/notice.ts';

export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  /** `starttls`: refused when the server does not offer it; `tls`: from the first byte; `none`: in the clear. */
  readonly security: 'starttls' | 'tls' | 'none';
  /** Absent: no authentication. */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** Sender, `Name <address>` or an address. */
  readonly from: string;
  /** PEM of certificate authorities that are trusted besides Node's. */
  readonly ca?: string;
  readonly timeoutMs: number;
}

/** Sends notices as mail, one connection each. The Message-ID is made from the notice's id, so a repetition can be told. */
export class SmtpNoticeSender implements NoticeSender {
  readonly #transport: Transporter;
  readonly #from: string;

  constructor({ host, port, security, credentials, from, ca, timeoutMs }: SmtpOptions) {
    this.#from = from;
    this.#transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(credentials && { auth: { user: credentials.user, pass: credentials.password } }),
      ...(ca !== undefined && { tls: { ca: [...getCACertificates('default'), ca] } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ id, address, subject, text }: Notice, files: readonly NoticeFile[] = []): Promise<void> {
    await this.#transport.sendMail({
      from: this.#from,
      // As an object it is taken as one address, whatever stands in it.
      to: { name: '', address: address.address },
      subject,
      text,
      attachments: files.map(({ name, contentType, bytes }) => ({
        ...{ filename: name, contentType, content: Buffer.from(bytes) },
      })),
      messageId: `<${id}@tallyline>`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Tallyline-Notice-Id': id },
    });
  }

  async close(): Promise<void> {
    this.#transport.close();
  }
}
