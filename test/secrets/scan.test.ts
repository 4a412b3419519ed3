import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MasterKeySecretBox } from '../../src/adapters/master-key-secret-box.ts';
import { secretsIn, secretsInFolder } from './scan.ts';

const SECRET = { what: 'a secret access key', value: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY' };
/** As long as an access key's secret is when it is sealed; session tokens are longer. */
const TOKEN = new MasterKeySecretBox(Buffer.alloc(32, 1)).seal('session-token', SECRET.value);

describe('the scan for secrets', () => {
  it.each([
    ['a secret access key', `{"msg":"signed with ${SECRET.value}"}`],
    ['a sealed text or a session token', `token: ${TOKEN}`],
    ['a long-term Bedrock API key', `Bearer ABSK${'QmVkcm9ja0FQSUtleS1hYmNk'.repeat(2)}`],
    ['a gateway key', `tly-ABCDEFGHIJKLMN27-${'0Az'.repeat(16)}0`],
    ['a short-term Bedrock API key', `bedrock-api-key-${'YmVkcm9jay5hbWF6b25hd3Mu'.repeat(2)}`],
    ['a JSON Web Token', `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.${'c2lnbmF0dXJl'.repeat(3)}`],
    ['a SAML assertion', '<saml:Assertion ID="x">'],
    ['a signature of a request', `X-Amz-Signature=${'0f'.repeat(32)}`],
  ])('finds %s in a text, and does not repeat it', (what, text) => {
    const found = secretsIn(text, [SECRET]);
    expect(found).toEqual([expect.stringMatching(new RegExp(`^${what} \\(sha256 [0-9a-f]{12}\\)$`))]);
    expect(found.join()).not.toContain(SECRET.value.slice(0, 8));
  });

  it('finds nothing in what is no secret', () => {
    const text = 'AKIAIOSFODNN7EXAMPLE arn:aws:iam::123456789012:user/alice 93c8617b-b166-4265-8e28-cdd78448d079';
    expect(secretsIn(text, [SECRET])).toEqual([]);
  });

  describe('in a folder', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tallyline-scan-'));
      for (const name of ['aws', 'audit', 'journal']) mkdirSync(join(folder, name));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('looks everywhere but where secrets are kept', () => {
      const key = Buffer.alloc(32, 9);
      writeFileSync(join(folder, 'aws', 'credentials'), SECRET.value);
      writeFileSync(join(folder, 'master.key'), key);
      expect(secretsInFolder(folder, [SECRET], [key])).toEqual([]);
      writeFileSync(join(folder, 'audit', '2026-11-24.jsonl'), `{"sessionToken":"${TOKEN}"}`);
      // Behind more zeros than one block has.
      writeFileSync(
        join(folder, 'journal', '1.journal'),
        Buffer.concat([Buffer.alloc(3 << 20), Buffer.from(SECRET.value)]),
      );
      writeFileSync(join(folder, 'directory.sqlite'), Buffer.concat([Buffer.from('x'), key]));
      expect(secretsInFolder(folder, [SECRET], [key]).sort()).toEqual([
        expect.stringMatching(/^a sealed text or a session token .* in audit\/2026-11-24\.jsonl$/),
        expect.stringMatching(/^a secret access key .* in journal\/1\.journal$/),
        expect.stringMatching(/^raw bytes of a master key .* in directory\.sqlite$/),
      ]);
    });
  });
});
