import type { TallylineClient } from './client.ts';

interface Status {
  readonly Source: string;
  readonly KeyId: string;
  readonly Previous: readonly { readonly KeyId: string; readonly RetiredAt?: string; readonly NeededUntil?: string }[];
  readonly SealedUnderPrevious: string;
}

/** `tallyline master-key status`: which key seals, which ones still open, and for how long they are needed. */
export async function masterKeyStatus(client: TallylineClient, print: (text: string) => void): Promise<void> {
  printStatus(await client.call<Status>('GetMasterKeyStatus', {}), print);
}

/** `tallyline master-key rotate`: a new key in the file; everything that is kept is sealed anew under it. */
export async function rotateMasterKey(client: TallylineClient, print: (text: string) => void): Promise<void> {
  const answer = await client.call<Status & { Resealed: string; Unopened: string }>('RotateMasterKey', {});
  print(`sealed ${answer.Resealed} secrets anew`);
  if (answer.Unopened !== '0')
    print(`WARNING: no master key here opens ${answer.Unopened} secrets; they are as they were`);
  printStatus(answer, print);
}

/** `tallyline master-key drop`: previous keys that no session needs any more, or that nothing may be good under any more. */
export async function dropMasterKeys(
  client: TallylineClient,
  endsSessions: boolean,
  print: (text: string) => void,
): Promise<void> {
  const { KeyIds } = await client.call<{ KeyIds: string[] }>('DropPreviousMasterKeys', { EndSessions: endsSessions });
  print(KeyIds.length === 0 ? 'there are no previous master keys' : `dropped ${KeyIds.join(', ')}`);
}

function printStatus({ Source, KeyId, Previous, SealedUnderPrevious }: Status, print: (text: string) => void): void {
  print(`current   ${KeyId}, from ${Source}`);
  for (const { KeyId: id, RetiredAt, NeededUntil } of Previous) {
    const since = RetiredAt === undefined ? '' : `, replaced at ${RetiredAt}`;
    const until = NeededUntil === undefined ? '' : `, sessions under it may live until ${NeededUntil}`;
    print(`previous  ${id}${since}${until}`);
  }
  if (SealedUnderPrevious !== '0')
    print(`WARNING: ${SealedUnderPrevious} secrets are not under the current key; restart`);
}
