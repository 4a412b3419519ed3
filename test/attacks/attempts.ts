import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type AssumeRoleCommandOutput,
  STSClient,
} from '@aws-sdk/client-sts';
import { expect } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import type { TestServer } from '../server.ts';
import { ARRIVAL, ledgerEntry } from '../wire/ledger.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';

/** Who the ledger says paid, and with which tags. */
export interface Attribution {
  readonly principal: string;
  readonly tags: Readonly<Record<string, string>>;
}

export async function assumeRole(
  caller: ClientConfig,
  RoleArn: string,
  input: Partial<AssumeRoleCommandInput> = {},
): Promise<AssumeRoleCommandOutput> {
  const sts = new STSClient(caller);
  try {
    return await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...input }));
  } finally {
    sts.destroy();
  }
}

/** Calls a model with whatever the attacker adds, and reads from the ledger whose cost it became. */
export async function attributionOf(
  server: TestServer,
  caller: ClientConfig,
  added: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly requestMetadata?: Readonly<Record<string, string>>;
    readonly additionalModelRequestFields?: Readonly<Record<string, string>>;
  } = {},
): Promise<Attribution> {
  const { headers = {}, ...input } = added;
  const bedrock = new BedrockRuntimeClient(caller);
  bedrock.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: Record<string, string> }).headers, headers);
      return next(args);
    },
    { step: 'build' },
  );
  const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
  const { $metadata } = await bedrock.send(new ConverseCommand({ modelId: SONNET, messages, ...input }));
  bedrock.destroy();
  const find = () => ledgerEntry(server, $metadata.requestId!);
  await expect.poll(find, ARRIVAL).toBeDefined();
  const { Principal, Tags } = (await find())!;
  return { principal: Principal, tags: Tags };
}
