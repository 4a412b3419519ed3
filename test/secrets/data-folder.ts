import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MasterKeyFile } from '../../src/adapters/master-key-file.ts';
import { MasterKeySecretBox } from '../../src/adapters/master-key-secret-box.ts';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { noteFinding, plant, planted } from './evidence.ts';
import { secretsInFolder } from './scan.ts';

/** The master keys in a data folder; none when its server has the key from somewhere else. */
function masterKeysIn(data: string): Buffer[] {
  if (!existsSync(join(data, 'master.key'))) return [];
  try {
    const file = new MasterKeyFile(join(data, 'master.key'));
    return [file.current(), ...file.previous().map(({ bytes }) => bytes)];
  } catch {
    // A test has made it unusable.
    return [];
  }
}

/** Plants what a data folder holds by itself: its master keys, and the administrator's key. */
export function plantDataFolder(data: string): void {
  for (const key of masterKeysIn(data)) {
    for (const encoding of ['hex', 'base64', 'base64url'] as const) plant('a master key', key.toString(encoding));
  }
  const credentials = join(data, 'aws', 'credentials');
  const text = existsSync(credentials) ? readFileSync(credentials, 'utf8') : '';
  plant("the administrator's secret access key", /^aws_secret_access_key = (.*)$/m.exec(text)?.[1]);
}

/** Plants every access key secret that the directory holds, and looks for all that is planted in the folder. */
export function scanDataFolder(data: string): void {
  if (!existsSync(join(data, 'directory.sqlite'))) return;
  plantDataFolder(data);
  const keys = masterKeysIn(data);
  for (const secret of accessKeySecrets(data, keys)) plant('a secret access key', secret);
  for (const finding of secretsInFolder(data, planted(), keys)) noteFinding(finding);
}

function accessKeySecrets(data: string, [current, ...previous]: readonly Buffer[]): string[] {
  if (!current) return [];
  try {
    const records = new SqliteRecordStore(join(data, 'directory.sqlite'), () => 0);
    const box = new MasterKeySecretBox(current, previous);
    const sealed = [...records.all<{ readonly sealedSecret: string }>('access-key')];
    void records.close();
    return sealed.map(({ body }) => box.open('access-key', body.sealedSecret));
  } catch {
    // It is in use, or a test has damaged it.
    return [];
  }
}
