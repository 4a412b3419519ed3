import type { AccessNeed, OperationCall } from '../../paths/operation-handler.ts';
import type { Owned, OwnedRecords } from '../../reports/owned-records.ts';

/** What may be about a record that exists already. */
export interface RecordInput {
  readonly Id?: string;
}

/**
 * What changing a record takes: the operation's own action, and `manage` besides where the record is somebody else's. An
 * owner never changes, so what held when access was decided holds when the record is written.
 */
export function ownedAccess(owned: OwnedRecords<Owned>, action: string, manage: string) {
  return ({ caller, input }: OperationCall<RecordInput>): AccessNeed[] => {
    const record = input.Id === undefined ? undefined : owned.find(caller.accountId, input.Id);
    const isOthers = record !== undefined && record.ownerArn !== caller.arn;
    return [action, ...(isOthers ? [manage] : [])].map((name) => ({ action: `tallyline:${name}`, resource: '*' }));
  };
}
