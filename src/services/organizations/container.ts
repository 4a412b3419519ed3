import type { Directory } from '../../identity/directory.ts';
import { put } from '../../identity/directory-records.ts';
import { Fault } from '../../kernel/fault.ts';
import type { RecordChange } from '../../kernel/record-store.ts';

/** Whether the id is that of the root or of a unit: what accounts and units stand in. */
export function isContainer({ organization }: Directory, id: string): boolean {
  return id === organization.record?.rootId || organization.unit(id) !== undefined;
}

export function requireParent(directory: Directory, id: string): void {
  if (isContainer(directory, id)) return;
  throw new Fault('ParentNotFoundException', "You specified a parent that doesn't exist.");
}

/** Writes a unit as it is beside something that is put into it, so that it cannot be deleted at the same time. */
export function unitTouch({ organization }: Directory, id: string): RecordChange[] {
  const unit = organization.unit(id);
  return unit ? [put('organizational-unit', unit)] : [];
}
