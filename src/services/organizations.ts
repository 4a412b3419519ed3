import type { OperationTable } from '../paths/operation-handler.ts';
import { accountCreationOperations } from './organizations/account-creation.ts';
import { accountOperations } from './organizations/accounts.ts';
import { attachmentOperations } from './organizations/attachments.ts';
import { hierarchyOperations } from './organizations/hierarchy.ts';
import { organizationOperations } from './organizations/organization.ts';
import { organizationalUnitOperations } from './organizations/organizational-units.ts';
import type { OrganizationsParts } from './organizations/organizations-parts.ts';
import { policyOperations } from './organizations/policies.ts';
import { taggingOperations } from './organizations/tagging.ts';

/**
 * AWS Organizations: accounts, the units they stand in, and the service control policies that limit them. Sentences of
 * errors follow the API Reference (checked 2026-11) where no report shows what the service says.
 */
export function organizationsOperations(parts: OrganizationsParts): OperationTable {
  return {
    ...organizationOperations(parts),
    ...accountOperations(parts),
    ...accountCreationOperations(parts),
    ...organizationalUnitOperations(parts),
    ...hierarchyOperations(parts),
    ...policyOperations(parts),
    ...attachmentOperations(parts),
    ...taggingOperations(parts),
  };
}
