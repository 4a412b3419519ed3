import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an AssumeRole said. */
export interface StsRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | undefined;
  readonly durationSeconds: number;
  readonly policy: string | undefined;
  /** Access key that signed it. */
  readonly signedBy: string | undefined;
}

/** An error in AWS's words; absent: a session. `hold`: the answer waits for it. */
export interface StsAnswer {
  readonly error?: readonly [status: number, code: string, message: string];
  readonly hold?: Promise<unknown>;
}

/** An STS that knows AssumeRole alone, believes everybody and answers to order. */
export class ScriptedSts {
  readonly requests: StsRequest[] = [];
  /** Requests without an answer yet, and the most there were. */
  atOnce = 0;
  mostAtOnce = 0;
  answer: (request: StsRequest) => StsAnswer = () => ({});
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const read = readRequest(Buffer.concat(chunks).toString(), request.headers.authorization);
        const number = this.requests.push(read);
        this.atOnce += 1;
        this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
        const { error, hold } = this.answer(read);
        await hold;
        this.atOnce -= 1;
        response.writeHead(error?.[0] ?? 200, { 'content-type': 'text/xml' });
        response.end(error ? errorXml(error[1], error[2]) : sessionXml(read, number));
      });
    });
  }

  static async start(): Promise<ScriptedSts> {
    const sts = new ScriptedSts();
    await new Promise<void>((resolve) => sts.#server.listen(0, '127.0.0.1', resolve));
    return sts;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function readRequest(body: string, authorization = ''): StsRequest {
  const form = new URLSearchParams(body);
  const list = (name: string) => {
    const values: string[] = [];
    for (let index = 1; form.has(name.replace('N', String(index))); index += 1) {
      values.push(form.get(name.replace('N', String(index)))!);
    }
    return values;
  };
  const values = list('Tags.member.N.Value');
  return {
    roleArn: form.get('RoleArn')!,
    sessionName: form.get('RoleSessionName')!,
    tags: Object.fromEntries(list('Tags.member.N.Key').map((key, index) => [key, values[index]!])),
    transitiveTagKeys: list('TransitiveTagKeys.member.N'),
    sourceIdentity: form.get('SourceIdentity') ?? undefined,
    durationSeconds: Number(form.get('DurationSeconds')),
    policy: form.get('Policy') ?? undefined,
    signedBy: /Credential=([^/]+)/.exec(authorization)?.[1],
  };
}

function sessionXml({ roleArn, sessionName }: StsRequest, number: number): string {
  const [, , , , accountId, resource] = roleArn.split(':');
  const role = resource!.slice(resource!.lastIndexOf('/') + 1);
  const digits = String(number).padStart(16, '0');
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
  <AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:${sessionName}</AssumedRoleId>
    <Arn>arn:aws:sts::${accountId}:assumed-role/${role}/${sessionName}</Arn></AssumedRoleUser>
  <Credentials><AccessKeyId>ASIA${digits}</AccessKeyId><SecretAccessKey>secret-${digits}</SecretAccessKey>
    <SessionToken>${`token-${digits}-`.repeat(40)}</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleResult><ResponseMetadata><RequestId>${digits}</RequestId></ResponseMetadata></AssumeRoleResponse>`;
}

function errorXml(code: string, message: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>
  <Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
}
