import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { collectOutput, plant } from '../secrets/evidence.ts';
import type { TestServer } from '../server.ts';

/** What must never be seen, by what it is. */
const secrets = new Map<string, string>();
const errorBodies: string[] = [];
const servers: TestServer[] = [];

/** Remembers a secret that the suite got to know. */
export function noteSecret(what: string, secret: string | undefined): void {
  if (secret !== undefined && secret !== '') secrets.set(secret, what);
  plant(what, secret);
}

/** Remembers the body of an answer that refused something: no secret may stand in one. */
export function noteErrorBody(text: string): void {
  errorBodies.push(text);
  collectOutput(`${text}\n`);
}

/** Watches a server's output from now on, for its administrator's and its installation's secrets among others. */
export function watch(server: TestServer): TestServer {
  servers.push(server);
  noteSecret("the administrator's secret access key", server.admin.credentials.secretAccessKey);
  const masterKey = join(server.data, 'master.key');
  if (existsSync(masterKey)) {
    const key = readFileSync(masterKey);
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      noteSecret('the master key', key.toString(encoding));
  }
  return server;
}

/** Fails when any secret stands in any error body or in the output of any watched server. */
export function expectNoSecrets(): void {
  expect(secrets.size).toBeGreaterThan(0);
  const seen = [...errorBodies, ...servers.map((server) => server.output())].join('\n');
  const found = [...secrets].filter(([secret]) => seen.includes(secret));
  // Only what it is and a digest: the report of a failure is no place for a secret either.
  expect(
    found.map(([secret, what]) => `${what} ${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`),
  ).toEqual([]);
}
