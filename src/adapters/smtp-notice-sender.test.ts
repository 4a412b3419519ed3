import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Notice } from '../kernel/notice.ts';
import { SmtpNoticeSender } from './smtp-notice-sender.ts';

const NOTICE: Notice = {
  id: '7d5f5f6e-2f7c-4e0a-9d1b-0c6a3e2d1f00',
  accountId: '123456789012',
  address: { type: 'EMAIL', address: 'fin@acme.example' },
  subject: 'AWS Budgets: bedrock has exceeded your alert threshold',
  text: 'Dear customer,\n\nthe budget is 81% spent: 8.10 of 10.00 USD.\n',
  facts: {},
};

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly isSecure: boolean;
  readonly user: string | undefined;
  readonly text: string;
}

let certificate: { readonly key: string; readonly cert: string };
beforeAll(async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  certificate = { key, cert };
});
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A real mail server on a free port; `mails` fills as it takes them. */
async function mailServer(options: SMTPServerOptions = {}): Promise<{ port: number; mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    ...certificate,
    authOptional: true,
    onData: (stream, session, callback) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          isSecure: session.secure,
          user: session.user,
          text,
        });
        callback();
      });
    },
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  return { port: (server.server.address() as AddressInfo).port, mails };
}

function sender(port: number, options: Partial<ConstructorParameters<typeof SmtpNoticeSender>[0]> = {}) {
  const defaults = { host: 'localhost', security: 'none', from: 'Tallyline <tally@acme.example>', timeoutMs: 5_000 };
  const made = new SmtpNoticeSender({ ...defaults, port, ...options } as ConstructorParameters<
    typeof SmtpNoticeSender
  >[0]);
  ends.push(() => void made.close());
  return made;
}

describe('SmtpNoticeSender', () => {
  it('hands a notice over as one plain mail whose Message-ID stays the same', async () => {
    const { port, mails } = await mailServer();
    const smtp = sender(port);
    await smtp.send(NOTICE);
    await smtp.send(NOTICE);
    expect(mails.map(({ from, to }) => ({ from, to }))).toEqual(
      Array(2).fill({ from: 'tally@acme.example', to: ['fin@acme.example'] }),
    );
    for (const { text } of mails) {
      expect(text).toContain(`Message-ID: <${NOTICE.id}@tallyline>`);
      expect(text).toContain('Subject: AWS Budgets: bedrock has exceeded your alert threshold');
      expect(text).toContain('Auto-Submitted: auto-generated');
      expect(text).toContain('the budget is 81% spent: 8.10 of 10.00 USD.');
    }
  });

  it('upgrades to TLS before it shows its credentials, and trusts the configured authority', async () => {
    const { cert } = certificate;
    const { port, mails } = await mailServer({
      authOptional: false,
      onAuth: ({ username, password }, _session, callback) =>
        password === 'hunter2' ? callback(null, { user: username }) : callback(new Error('no')),
    });
    const credentials = { user: 'tally', password: 'hunter2' };
    await sender(port, { security: 'starttls', ca: cert, credentials }).send(NOTICE);
    expect(mails).toMatchObject([{ isSecure: true, user: 'tally' }]);
    await expect(sender(port, { security: 'starttls', credentials }).send(NOTICE)).rejects.toThrow(/self-signed/);
  });

  it('speaks TLS from the first byte where told', async () => {
    const { port, mails } = await mailServer({ secure: true });
    await sender(port, { security: 'tls', ca: certificate.cert }).send(NOTICE);
    expect(mails).toMatchObject([{ isSecure: true }]);
  });

  it('sends nothing in the clear when the server offers no TLS', async () => {
    const { port, mails } = await mailServer({ disabledCommands: ['STARTTLS'] });
    await expect(sender(port, { security: 'starttls' }).send(NOTICE)).rejects.toThrow(/STARTTLS|TLS/);
    expect(mails).toEqual([]);
  });

  it('says why a server does not take a mail, and when none answers', async () => {
    const { port } = await mailServer({
      onRcptTo: (_address, _session, callback) => callback(new Error('no such mailbox')),
    });
    await expect(sender(port).send(NOTICE)).rejects.toThrow(/no such mailbox/);
    await expect(sender(1).send(NOTICE)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('takes an address for one address, whatever stands in it', async () => {
    const { port, mails } = await mailServer();
    const address = 'fin@acme.example, eve@evil.example';
    await sender(port)
      .send({ ...NOTICE, address: { type: 'EMAIL', address } })
      .catch(() => {});
    expect(mails.flatMap(({ to }) => to)).not.toContain('eve@evil.example');
  });
});
