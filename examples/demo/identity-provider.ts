import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { generate } from 'selfsigned';

/** A stand-in for Okta, Entra ID and the like: it publishes one key and signs who somebody is. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** The ID token of a person who has signed in, with the tags that the provider's administrators gave them. */
  readonly signIn: (person: string, tags: Readonly<Record<string, string>>) => Promise<string>;
  readonly close: () => void;
}

/** Starts on a free port of this machine; the certificate that clients must trust is written to `caFile`. */
export async function startIdentityProvider(caFile: string): Promise<IdentityProvider> {
  const certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  writeFileSync(caFile, certificate.cert);
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig', kid: 'demo' }];
  const server = createServer({ key: certificate.private, cert: certificate.cert });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
  const clientId = 'tallyline-demo';
  publish(server, {
    '/.well-known/openid-configuration': {
      issuer,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
    '/keys': { keys },
  });
  return {
    issuer,
    clientId,
    signIn: (person, tags) => {
      const principalTags = Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, [value]]));
      return new SignJWT({ 'https://aws.amazon.com/tags': { principal_tags: principalTags } })
        .setProtectedHeader({ alg: 'RS256', kid: 'demo' })
        .setIssuer(issuer)
        .setSubject(person)
        .setAudience(clientId)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function publish(server: Server, documents: Readonly<Record<string, object>>): void {
  server.on('request', (request, response) => {
    const document = documents[request.url ?? ''];
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? { error: 'not_found' }));
  });
}
