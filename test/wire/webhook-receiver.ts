import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A notice as a web hook gets it. */
export interface PostedNotice {
  readonly id: string;
  readonly accountId: string;
  readonly topic: string;
  readonly subject: string;
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A real web hook on a free port of this machine that keeps what it gets. */
export class WebhookReceiver {
  readonly posts: PostedNotice[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        this.posts.push(JSON.parse(body) as PostedNotice);
        response.end();
      });
    });
  }

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  /** A configuration in which this receiver takes what is sent to the topic. */
  config(topicArn: string): object {
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
    return {
      webhooks: [{ name: 'receiver', url, allowPrivateAddresses: true }],
      topics: [{ arn: topicArn, webhook: 'receiver' }],
    };
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
