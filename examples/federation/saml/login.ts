/**
 * Logs a person in at a SAML identity provider and prints credentials as `credential_process` of an AWS profile wants them.
 * The browser does the login, so every second factor works; the response comes back to this program on loopback.
 *
 *     node examples/federation/saml/login.ts --endpoint http://127.0.0.1:4280 \
 *       --login-url https://idp.example.com/app/tallyline --acs-url http://localhost:9400/saml \
 *       --role arn:aws:iam::123456789012:role/Shared --provider arn:aws:iam::123456789012:saml-provider/corp
 *
 * `--acs-url` is what the identity provider knows as the ACS URL and the server's `federation.samlRecipients` lists. Where
 * the provider insists on https, give `--cert` and `--key` (PEM files) of a certificate that the browser trusts.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { parseArgs } from 'node:util';
import { AssumeRoleWithSAMLCommand, STSClient } from '@aws-sdk/client-sts';

/** A person has this long to log in. */
const TIMEOUT_MS = 5 * 60_000;
/** STS takes 100,000 characters; percent-encoding makes up to three of one. */
const LONGEST_FORM = 300_000;

const { values } = parseArgs({
  options: {
    endpoint: { type: 'string' },
    'login-url': { type: 'string' },
    'acs-url': { type: 'string', default: 'http://localhost:9400/saml' },
    role: { type: 'string' },
    provider: { type: 'string' },
    region: { type: 'string', default: 'us-east-1' },
    cert: { type: 'string' },
    key: { type: 'string' },
  },
});
const [endpoint, loginUrl, role, provider] = [values.endpoint, values['login-url'], values.role, values.provider];
if (!endpoint || !loginUrl || !role || !provider) {
  console.error('give --endpoint, --login-url, --role and --provider');
  process.exit(2);
}

const acs = new URL(values['acs-url']);
const response = await receive();
const sts = new STSClient({ endpoint, region: values.region });
const { Credentials: credentials } = await sts.send(
  new AssumeRoleWithSAMLCommand({ RoleArn: role, PrincipalArn: provider, SAMLAssertion: response }),
);
console.log(
  JSON.stringify({
    Version: 1,
    AccessKeyId: credentials?.AccessKeyId,
    SecretAccessKey: credentials?.SecretAccessKey,
    SessionToken: credentials?.SessionToken,
    Expiration: credentials?.Expiration?.toISOString(),
  }),
);

/** The `SAMLResponse` that the browser posts to the ACS URL. */
async function receive(): Promise<string> {
  return await new Promise((resolve, reject) => {
    const listener = (request: IncomingMessage, answer: ServerResponse) => {
      if (request.method !== 'POST' || request.url !== acs.pathname) return void answer.writeHead(404).end();
      let form = '';
      request.setEncoding('latin1').on('data', (text: string) => {
        form += text;
        if (form.length > LONGEST_FORM) request.destroy();
      });
      request.on('end', () => {
        const found = new URLSearchParams(form).get('SAMLResponse');
        if (!found) return void answer.writeHead(400).end('There is no SAMLResponse.');
        answer.end('You are logged in. You can close this window.', () => {
          server.close();
          clearTimeout(timer);
          resolve(found);
        });
      });
    };
    const server =
      values.cert && values.key
        ? createTlsServer({ cert: readFileSync(values.cert), key: readFileSync(values.key) }, listener)
        : createServer(listener);
    const timer = setTimeout(() => reject(new Error('nobody logged in within five minutes')), TIMEOUT_MS);
    server.once('error', reject);
    server.keepAliveTimeout = 1;
    server.listen(Number(acs.port), 'localhost', () => console.error(`open ${loginUrl} in a browser`));
  });
}
