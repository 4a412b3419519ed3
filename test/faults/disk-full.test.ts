import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { AcknowledgedCalls } from './acknowledged-calls.ts';
import { failedStart, refusedWith } from './failed-start.ts';
import { canMount, mountMemory, resizeMemory, unmount } from './memory-mount.ts';
import { callAs, callAsAdmin, createUser } from './principals.ts';
import { errorOf, iamCall, type Keys, stsCall } from './raw-client.ts';
import { expectNoSecrets, watch } from './secret-watch.ts';

const UNAVAILABLE = {
  status: 503,
  code: 'ServiceUnavailableException',
  message: 'Bedrock is unable to process your request.',
};
const CLIENTS = 4;

afterAll(() => {
  expectNoSecrets();
  removeFolders();
});

/** A user whose calls take some 120 KB in the journal: 50 tags of the longest keys and values, three bytes a character. */
async function createHeavyUser(server: TestServer): Promise<Keys> {
  const keys = await createUser(server, 'heavy');
  const pairs = Array.from({ length: 50 }, (_, index) => [
    [`Tags.member.${index + 1}.Key`, `${'値'.repeat(125)}${index + 10}`],
    [`Tags.member.${index + 1}.Value`, '段'.repeat(256)],
  ]);
  await callAsAdmin(
    server,
    'iam',
    iamCall('TagUser', { UserName: 'heavy', ...(Object.fromEntries(pairs.flat()) as Record<string, string>) }),
  );
  return keys;
}

describe.skipIf(!canMount)('a journal on a disk that is full', () => {
  // peers rows 37.
  it('refuses calls before the model is asked, loses none that were answered, and takes new ones when there is room', {
    timeout: 120_000,
  }, async () => {
    const data = temporaryFolder('full');
    const journal = join(data, 'journal');
    mkdirSync(journal);
    // Room for one segment of 32 MiB, and not for the next.
    mountMemory(journal, '44m', 'mode=700');
    let server = watch(await startServer({ data }));
    try {
      const calls = new AcknowledgedCalls(() => server);
      const keys = await createHeavyUser(server);
      const refusals = await Promise.all(
        Array.from({ length: CLIENTS }, async () => {
          for (;;) {
            const answer = await calls.call(keys);
            if (answer.status !== 200) return errorOf(answer);
          }
        }),
      );
      expect(refusals).toEqual(Array(CLIENTS).fill(UNAVAILABLE));
      expect(calls.count).toBeGreaterThan(200);
      for (let again = 0; again < 5; again++) expect(errorOf(await calls.call(keys))).toEqual(UNAVAILABLE);

      // The rest of the server goes on, and what was answered is on its way to the store.
      await callAsAdmin(server, 'sts', stsCall('GetCallerIdentity'));
      await calls.expectListed();
      await calls.expectTotals();

      resizeMemory(journal, '250m');
      await expect.poll(async () => (await calls.call(keys)).status, { timeout: 20_000 }).toBe(200);
      for (let more = 0; more < 10; more++) expect((await calls.call(keys)).status).toBe(200);
      await server.kill();
      server = watch(await startServer({ data }));
      await calls.expectListed();
      await calls.expectTotals();
      expect(server.output()).not.toContain('"msg":"bug"');
      expect(await server.stop()).toBe(0);
    } finally {
      await server.kill();
      unmount(journal);
    }
  });

  it('is a reason not to start, in a sentence that says so', async () => {
    const data = temporaryFolder('full');
    const journal = join(data, 'journal');
    mkdirSync(journal);
    mountMemory(journal, '8m', 'mode=700');
    try {
      const sentence = `the journal cannot write to \`${journal}\`: ENOSPC: no space left on device, write; free some space and start again`;
      expect(await failedStart(data)).toEqual(refusedWith(sentence));
    } finally {
      unmount(journal);
    }
  });
});

describe.skipIf(!canMount)('a data folder on a disk that is full', () => {
  it('goes on answering inference from the room it has set aside, and refuses changes whole', {
    timeout: 120_000,
  }, async () => {
    const folder = temporaryFolder('full');
    mountMemory(folder, '400m', 'mode=700');
    const data = join(folder, 'data');
    mkdirSync(data);
    const server = watch(await startServer({ data }));
    const filler = join(folder, 'filler');
    try {
      const calls = new AcknowledgedCalls(() => server);
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
      expect(statfsSync(folder).bavail).toBe(0);

      for (let call = 0; call < 20; call++) expect((await calls.call(server.admin.credentials)).status).toBe(200);
      const create = (UserName: string) =>
        callAs(server, server.admin.credentials, 'iam', iamCall('CreateUser', { UserName }));
      const refused: string[] = [];
      // What fits into the database's last page may still be written.
      for (let user = 0; user < 50; user++) {
        const { status } = await create(`user-${user}`);
        if (status !== 200) refused.push(`user-${user}`);
      }
      expect(refused.length).toBeGreaterThan(0);

      rmSync(filler);
      for (const name of refused) {
        const { status } = await callAs(
          server,
          server.admin.credentials,
          'iam',
          iamCall('GetUser', { UserName: name }),
        );
        expect([name, status]).toEqual([name, 404]);
      }
      expect((await create(refused[0]!)).status).toBe(200);
      for (let call = 0; call < 5; call++) expect((await calls.call(server.admin.credentials)).status).toBe(200);
      await calls.expectListed();
      await calls.expectTotals();
      expect(await server.stop()).toBe(0);
    } finally {
      await server.kill();
      unmount(folder);
    }
  });
});
