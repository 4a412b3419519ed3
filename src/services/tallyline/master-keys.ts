import type { MasterKeyStatus } from '../../kernel/secret-box.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import { managementOnly } from './management-only.ts';

/** What the installation does with its master keys. */
export interface MasterKeyControl {
  status(): MasterKeyStatus;
  rotate(): Promise<{ readonly resealed: number; readonly unopened: number }>;
  /** Returns the ids of the keys that were forgotten. */
  drop(endsSessions: boolean): Promise<string[]>;
}

export interface MasterKeyParts {
  readonly masterKeys: MasterKeyControl;
  readonly managementAccountId: string;
}

/** The master key as its operator sees it. Keys go by their ids; nothing here ever shows one. */
export function masterKeyOperations({ masterKeys, managementAccountId }: MasterKeyParts): OperationTable {
  /** The key is the whole installation's: an account's administrator is not enough. */
  // The key is the whole installation's: an account's administrator is not enough.
  const ofManagement = managementOnly(managementAccountId, 'has to do with the master key');
  return {
    GetMasterKeyStatus: ofManagement('GetMasterKeyStatus', () => wireStatus(masterKeys.status())),
    RotateMasterKey: ofManagement('RotateMasterKey', async () => {
      const { resealed, unopened } = await masterKeys.rotate();
      return { ...wireStatus(masterKeys.status()), Resealed: String(resealed), Unopened: String(unopened) };
    }),
    DropPreviousMasterKeys: ofManagement<{ EndSessions?: boolean }>('DropPreviousMasterKeys', async ({ input }) => ({
      KeyIds: await masterKeys.drop(input.EndSessions ?? false),
    })),
  };
}

function wireStatus({ source, keyId, previous, sealedUnderPrevious }: MasterKeyStatus): object {
  return {
    Source: source,
    KeyId: keyId,
    Previous: previous.map(({ keyId: id, retiredAtMs, neededUntilMs }) => ({
      KeyId: id,
      ...(retiredAtMs !== undefined && { RetiredAt: new Date(retiredAtMs) }),
      ...(neededUntilMs !== undefined && { NeededUntil: new Date(neededUntilMs) }),
    })),
    SealedUnderPrevious: String(sealedUnderPrevious),
  };
}
