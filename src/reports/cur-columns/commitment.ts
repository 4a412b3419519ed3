import type { ExportColumn } from '../export-table.ts';
import { number, onlyWith, text } from './column.ts';

// Reservations, savings plans and shared instances do not exist for on-demand inference: these columns are always null.

export const CAPACITY_RESERVATION: readonly ExportColumn[] = [
  text('capacity_reservation_capacity_reservation_arn', 'ARN of the capacity reservation.'),
  text('capacity_reservation_capacity_reservation_status', 'Reserved, Used, Unused or Cancelling.'),
  text('capacity_reservation_capacity_reservation_type', 'Kind of capacity reservation.'),
].map((column) => onlyWith('INCLUDE_CAPACITY_RESERVATION_DATA', 'TRUE', column));

export const RESERVATION: readonly ExportColumn[] = [
  number('reservation_amortized_upfront_cost_for_usage', 'Share of the upfront fee that the usage bears.'),
  number('reservation_amortized_upfront_fee_for_billing_period', 'Share of the upfront fee that the month bears.'),
  text('reservation_availability_zone', 'Availability Zone of the reservation.'),
  number('reservation_effective_cost', 'Upfront and recurring cost of the hours used.'),
  text('reservation_end_time', 'End of the reservation.'),
  text('reservation_modification_status', 'Whether the reservation was modified.'),
  number('reservation_net_amortized_upfront_cost_for_usage', 'Upfront share of the usage, after discounts.'),
  number('reservation_net_amortized_upfront_fee_for_billing_period', 'Upfront share of the month, after discounts.'),
  number('reservation_net_effective_cost', 'Effective cost after discounts.'),
  number('reservation_net_recurring_fee_for_usage', 'Recurring fee of the usage, after discounts.'),
  number(
    'reservation_net_unused_amortized_upfront_fee_for_billing_period',
    'Upfront share of unused hours, after discounts.',
  ),
  number('reservation_net_unused_recurring_fee', 'Recurring fee of unused hours, after discounts.'),
  number('reservation_net_upfront_value', 'Upfront price after discounts.'),
  text('reservation_normalized_units_per_reservation', 'Normalised units of one reservation.'),
  text('reservation_number_of_reservations', 'Reservations in the subscription.'),
  number('reservation_recurring_fee_for_usage', 'Recurring fee of the usage.'),
  text('reservation_reservation_a_r_n', 'ARN of the reservation that covered the row.'),
  text('reservation_start_time', 'Start of the reservation.'),
  text('reservation_subscription_id', 'Ties the row to the reservation offer.'),
  text('reservation_total_reserved_normalized_units', 'Normalised units reserved in the month.'),
  text('reservation_total_reserved_units', 'Units reserved in the month.'),
  text('reservation_units_per_reservation', 'Units of one reservation.'),
  number('reservation_unused_amortized_upfront_fee_for_billing_period', 'Upfront share of unused hours.'),
  number('reservation_unused_normalized_unit_quantity', 'Normalised units not used.'),
  number('reservation_unused_quantity', 'Hours not used.'),
  number('reservation_unused_recurring_fee', 'Recurring fee of unused hours.'),
  number('reservation_upfront_value', 'Upfront price.'),
];

export const SAVINGS_PLAN: readonly ExportColumn[] = [
  number('savings_plan_amortized_upfront_commitment_for_billing_period', 'Share of the upfront fee in the month.'),
  text('savings_plan_end_time', 'End of the plan.'),
  text('savings_plan_instance_type_family', 'Instance family of the plan.'),
  number(
    'savings_plan_net_amortized_upfront_commitment_for_billing_period',
    'Upfront share of the month, after discounts.',
  ),
  number('savings_plan_net_recurring_commitment_for_billing_period', 'Recurring fee of the month, after discounts.'),
  number('savings_plan_net_savings_plan_effective_cost', 'Effective cost after discounts.'),
  text('savings_plan_offering_type', 'Kind of plan.'),
  text('savings_plan_payment_option', 'Share that is paid upfront: none, part or all.'),
  text('savings_plan_purchase_term', 'Length of the plan.'),
  number('savings_plan_recurring_commitment_for_billing_period', 'Recurring fee of the month.'),
  text('savings_plan_region', 'Region of the plan.'),
  text('savings_plan_savings_plan_a_r_n', 'ARN of the plan.'),
  number('savings_plan_savings_plan_effective_cost', 'Share of the commitment that the row bears.'),
  number('savings_plan_savings_plan_rate', 'Rate under the plan.'),
  text('savings_plan_start_time', 'Start of the plan.'),
  number('savings_plan_total_commitment_to_date', 'Commitment up to now.'),
  number('savings_plan_used_commitment', 'Part of the commitment that was used.'),
];

export const SPLIT_LINE_ITEM: readonly ExportColumn[] = [
  number('split_line_item_actual_usage', 'What the container used.'),
  number('split_line_item_net_split_cost', 'Split cost after discounts.'),
  number('split_line_item_net_unused_cost', 'Unused cost after discounts.'),
  text('split_line_item_parent_resource_id', 'Instance that ran the container.'),
  number('split_line_item_public_on_demand_split_cost', 'Split cost at the public on-demand rate.'),
  number('split_line_item_public_on_demand_unused_cost', 'Unused cost at the public on-demand rate.'),
  number('split_line_item_reserved_usage', 'What the container asked for.'),
  number('split_line_item_split_cost', 'Cost that falls to the container.'),
  number('split_line_item_split_usage', 'Usage that falls to the container.'),
  number('split_line_item_split_usage_ratio', 'Share of the instance that falls to the container.'),
  number('split_line_item_unused_cost', 'Idle cost passed on to the container.'),
].map((column) => onlyWith('INCLUDE_SPLIT_COST_ALLOCATION_DATA', 'TRUE', column));
