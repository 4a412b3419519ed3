import { randomBytes } from 'node:crypto';
import { Fault } from '../kernel/fault.ts';
import type { Profile } from './profile.ts';
import { signedQuery } from './query-call.ts';
import { collect } from './repeated-option.ts';
import { type Column, formatTable } from './table.ts';
import type { VerbParts } from './verb-parts.ts';

export interface NewBedrockKey {
  readonly userName: string;
  /** Absent: the key never expires. */
  readonly days?: string;
}

interface BedrockKeyOptions {
  readonly days?: string;
  /** `KEY=VALUE` of the user that is made; its spend carries them. */
  readonly tag?: readonly string[];
}

type Print = (text: string) => void;

const SERVICE = 'bedrock.amazonaws.com';
const LIMITED_ACCESS = 'arn:aws:iam::aws:policy/AmazonBedrockLimitedAccess';
const NAME_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** `tallyline bedrock-key`. */
export function bedrockKeyVerbs({ verb, program, profile, print, now }: VerbParts): void {
  const group = program.command('bedrock-key').description('long-term Bedrock API keys');
  verb('create [user]', 'make a key of USER, or of a new user that may call models; it is shown this once', group)
    .option('--days <days>', 'until it expires, 1 to 36600 (default: never)')
    .option('--tag <key=value>', 'of the new user; repeat for more', collect, [])
    .action((user: string | undefined, options: BedrockKeyOptions & { data: string }) =>
      createKey(profile(options), user, options, now(), print),
    );
  verb('list [user]', 'keys of USER or of the account', group).action(
    (user: string | undefined, options: { data: string }) => listKeys(profile(options), user, now(), print),
  );
  verb('revoke <key-id>', 'delete a key: the next call with it is refused', group).action(
    (id: string, options: { data: string }) => revokeKey(profile(options), id, now(), print),
  );
}

/**
 * `tallyline bedrock-key create [USER]`. Without a user one is made as the AWS console makes it: `BedrockAPIKey-` and four
 * letters, with the managed policy that lets a key call models.
 */
async function createKey(
  profile: Profile,
  userName: string | undefined,
  options: BedrockKeyOptions,
  nowMs: number,
  print: Print,
): Promise<void> {
  if (userName !== undefined && options.tag?.length) {
    throw new Fault('ConfigInvalid', `--tag is for a user that is made; tag \`${userName}\` with \`aws iam tag-user\``);
  }
  const owner = userName ?? (await createUser(profile, options.tag ?? [], nowMs));
  const made = await createBedrockKey(profile, { userName: owner, ...(options.days && { days: options.days }) }, nowMs);
  print(`user     ${owner}\nkey id   ${made.id}\nexpires  ${made.expires ?? 'never'}\nkey      ${made.key}`);
}

/** The new key of a user, with the text that is shown this once. */
export async function createBedrockKey(
  profile: Profile,
  { userName, days }: NewBedrockKey,
  nowMs: number,
): Promise<{ readonly id: string; readonly key: string; readonly expires: string | undefined }> {
  const fields = { UserName: userName, ServiceName: SERVICE, ...(days !== undefined && { CredentialAgeDays: days }) };
  const call = { service: 'iam', action: 'CreateServiceSpecificCredential', fields } as const;
  const answer = await signedQuery(profile, call, nowMs);
  return {
    id: answer.required('ServiceSpecificCredentialId'),
    key: answer.required('ServiceCredentialSecret'),
    expires: answer.element('ExpirationDate'),
  };
}

async function createUser(profile: Profile, tags: readonly string[], nowMs: number): Promise<string> {
  // 256 is a multiple of 32: every letter is equally likely.
  const letters = [...randomBytes(4)].map((byte) => NAME_LETTERS[byte % NAME_LETTERS.length]);
  const UserName = `BedrockAPIKey-${letters.join('')}`;
  const iam = (action: string, fields: Readonly<Record<string, string>>) =>
    signedQuery(profile, { service: 'iam', action, fields }, nowMs);
  await iam('CreateUser', { UserName, ...tagFields(tags) });
  await iam('AttachUserPolicy', { UserName, PolicyArn: LIMITED_ACCESS });
  return UserName;
}

function tagFields(tags: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [index, tag] of tags.entries()) {
    const equals = tag.indexOf('=');
    if (equals < 1) throw new Fault('ConfigInvalid', `--tag \`${tag}\` is not KEY=VALUE`);
    fields[`Tags.member.${index + 1}.Key`] = tag.slice(0, equals);
    fields[`Tags.member.${index + 1}.Value`] = tag.slice(equals + 1);
  }
  return fields;
}

interface ListedKey {
  readonly userName: string;
  readonly id: string;
  readonly status: string;
  readonly created: string;
  readonly expires: string;
}

const COLUMNS: readonly Column[] = [
  { title: 'user', align: 'left' },
  { title: 'key id', align: 'left' },
  { title: 'status', align: 'left' },
  { title: 'created', align: 'left' },
  { title: 'expires', align: 'left' },
];

/** `tallyline bedrock-key list [USER]`: long-term keys of one user or of the account; short-term keys are kept nowhere. */
async function listKeys(profile: Profile, userName: string | undefined, nowMs: number, print: Print): Promise<void> {
  const keys = await keysOf(profile, userName, nowMs);
  const rows = keys.map(({ userName, id, status, created, expires }) => [userName, id, status, created, expires]);
  print(rows.length === 0 ? 'no keys' : formatTable(COLUMNS, rows));
}

/** `tallyline bedrock-key revoke KEY-ID`: deletes it; the next call with it is refused. */
async function revokeKey(profile: Profile, id: string, nowMs: number, print: Print): Promise<void> {
  const key = (await keysOf(profile, undefined, nowMs)).find((one) => one.id === id);
  if (!key) throw new Fault('NotFound', `no key \`${id}\`: see \`tallyline bedrock-key list\``);
  const fields = { UserName: key.userName, ServiceSpecificCredentialId: id };
  await signedQuery(profile, { service: 'iam', action: 'DeleteServiceSpecificCredential', fields }, nowMs);
  print(`revoked ${id} of ${key.userName}`);
}

async function keysOf(profile: Profile, userName: string | undefined, nowMs: number): Promise<ListedKey[]> {
  const keys: ListedKey[] = [];
  let marker: string | undefined;
  do {
    const fields = {
      ServiceName: SERVICE,
      ...(userName === undefined ? { AllUsers: 'true' } : { UserName: userName }),
      ...(marker !== undefined && { Marker: marker }),
    };
    const call = { service: 'iam', action: 'ListServiceSpecificCredentials', fields } as const;
    const answer = await signedQuery(profile, call, nowMs);
    for (const member of answer.members()) {
      keys.push({
        userName: member.required('UserName'),
        id: member.required('ServiceSpecificCredentialId'),
        status: member.required('Status'),
        created: member.required('CreateDate'),
        expires: member.element('ExpirationDate') ?? 'never',
      });
    }
    marker = answer.element('Marker');
  } while (marker !== undefined);
  return keys;
}
