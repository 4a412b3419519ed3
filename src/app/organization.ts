import type { OrganizationConfig } from '../config.ts';
import type { Directory } from '../identity/directory.ts';
import type { RandomBytes } from '../identity/identifier.ts';
import { declareAccounts } from './organization/declared-accounts.ts';
import { declarePolicies } from './organization/declared-policies.ts';
import { declareUnits } from './organization/declared-units.ts';
import { OrganizationDraft } from './organization/draft.ts';

/**
 * Brings the organization to what the configuration says, all or nothing: creates what is missing, moves, renames and
 * tags what is different. What the configuration does not name is left alone, so that leaving something out never
 * closes or deletes it. Throws ConfigInvalid with the member that cannot be.
 */
export async function bringAboutOrganization(
  directory: Directory,
  config: OrganizationConfig | undefined,
  { nowMs, random }: { readonly nowMs: number; readonly random: RandomBytes },
): Promise<void> {
  if (!config) return;
  const draft = new OrganizationDraft(directory, nowMs, random);
  declareUnits(draft, config.organizationalUnits ?? []);
  declareAccounts(draft, config.accounts ?? []);
  declarePolicies(draft, config.policies ?? []);
  if (draft.changes.length > 0) await directory.write(draft.changes);
}
