import type { ClientConfig } from '../../examples/demo/organisation.ts';
import type { TestServer } from '../server.ts';
import { longTermKey } from '../wire/bearer-keys.ts';
import { type LedgerEntry, ledger } from '../wire/ledger.ts';
import { ACCOUNT, allow, newUser } from '../wire/principals.ts';

/** Somebody who calls models through one client, and what the ledger says of them. */
export interface Caller {
  readonly arn: string;
  /** A Bedrock API key. */
  readonly key: string;
  readonly config: ClientConfig;
  /** All calls that have reached the ledger, the latest first. */
  readonly calls: () => Promise<LedgerEntry[]>;
  readonly latest: () => Promise<LedgerEntry | undefined>;
}

const MAY_CALL = ['bedrock:Invoke*', 'bedrock:CountTokens', 'bedrock:*FoundationModel*', 'bedrock:CallWithBearerToken'];

/** A new user, so that every call in the ledger of its name is one of the test's. */
export async function newCaller(server: TestServer, name: string, ...statements: object[]): Promise<Caller> {
  const config = await newUser(server.admin, name, { statements: [allow(MAY_CALL), ...statements] });
  const { key } = await longTermKey(server.admin, name);
  const arn = `arn:aws:iam::${ACCOUNT}:user/${name}`;
  const calls = () => ledger(server, { Principal: arn });
  return { arn, key, config, calls, latest: async () => (await calls())[0] };
}
