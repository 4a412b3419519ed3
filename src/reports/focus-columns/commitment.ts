import { number, text } from '../cur-columns/column.ts';
import type { ExportColumn } from '../export-table.ts';

// Capacity is not reserved, usage not committed to, and no charge split by the provider: these columns are always null.
// FOCUS calls some of them JSON; AWS's type for them is not published, so they are text.

export const COMMITMENT: readonly ExportColumn[] = [
  text('AllocatedMethodDetails', 'How a shared charge was split.'),
  text('AllocatedMethodId', 'Method by which a shared charge was split.'),
  text('AllocatedResourceId', 'Resource that a share falls to.'),
  text('AllocatedResourceName', 'Name of the resource that a share falls to.'),
  text('AllocatedTags', 'Tags of the resource that a share falls to.'),
  text('CapacityReservationId', 'Capacity reservation that the charge is for.'),
  text('CapacityReservationStatus', 'Used or Unused.'),
  text('CommitmentDiscountCategory', 'Spend or Usage.'),
  text('CommitmentDiscountId', 'Commitment that covers the charge.'),
  text('CommitmentDiscountName', 'Name of the commitment.'),
  number('CommitmentDiscountQuantity', 'Amount of the commitment that is bought or used.'),
  text('CommitmentDiscountStatus', 'Used or Unused.'),
  text('CommitmentDiscountType', 'Kind of commitment, in the provider’s words.'),
  text('CommitmentDiscountUnit', 'Unit of CommitmentDiscountQuantity.'),
  text('CommitmentProgramEligibilityDetails', 'Commitment programs that could cover the charge.'),
  text('ContractApplied', 'Contract commitments that the charge counts towards.'),
];
