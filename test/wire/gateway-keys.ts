import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { noteSecret } from '../faults/secret-watch.ts';
import type { TestServer } from '../server.ts';

/** A gateway key as operations show it. */
export interface WireGatewayKey {
  readonly KeyId: string;
  readonly Name: string;
  readonly Principal: string;
  readonly Status: string;
  readonly Scopes: readonly string[];
  readonly AllowedModels?: readonly string[];
  readonly Tags: Readonly<Record<string, string>>;
  readonly CreatedBy: string;
  readonly ExpiresAt: string;
  readonly LastUsedAt?: string;
  readonly PreviousSecretUntil?: string;
}

export interface IssuedKey {
  readonly GatewayKey: WireGatewayKey;
  readonly Secret: string;
}

/** Calls an operation of Tallyline as the administrator. */
export function tallyline<Answer>(server: TestServer, operation: string, input: object): Promise<Answer> {
  return new TallylineClient(readProfile(server.data, {}), () => Date.now()).call(operation, input);
}

let made = 0;

/** A new key; a name of its own where the input has none. */
export async function gatewayKey(server: TestServer, input: object): Promise<IssuedKey> {
  made += 1;
  const issued = await tallyline<IssuedKey>(server, 'CreateGatewayKey', { Name: `key ${made}`, ...input });
  noteSecret('a gateway key', issued.Secret);
  return issued;
}
