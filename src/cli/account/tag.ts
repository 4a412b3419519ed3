import { Fault } from '../../kernel/fault.ts';
import type { OrganizationsClient } from './organizations-client.ts';

interface TagWire {
  readonly Key: string;
  readonly Value: string;
}

/** `tallyline account tag`: KEY=VALUE sets a tag, KEY alone takes it off; prints what the account has then. */
export async function tagAccount(
  client: OrganizationsClient,
  idOrName: string,
  tags: readonly string[],
  print: (text: string) => void,
): Promise<void> {
  const { Id } = await client.account(idOrName);
  const set = tags.filter((tag) => tag.includes('=')).map(readTag);
  const removed = tags.filter((tag) => !tag.includes('='));
  if (set.length > 0) await client.call('TagResource', { ResourceId: Id, Tags: set });
  if (removed.length > 0) await client.call('UntagResource', { ResourceId: Id, TagKeys: removed });
  const { Tags } = await client.call<{ Tags: readonly TagWire[] }>('ListTagsForResource', { ResourceId: Id });
  for (const { Key, Value } of Tags) print(`${Key}=${Value}`);
}

/** Throws QueryInvalid for what is no KEY=VALUE. */
export function readTag(text: string): TagWire {
  const at = text.indexOf('=');
  if (at < 1) throw new Fault('QueryInvalid', `\`${text}\` is not a tag: use KEY=VALUE`);
  return { Key: text.slice(0, at), Value: text.slice(at + 1) };
}
