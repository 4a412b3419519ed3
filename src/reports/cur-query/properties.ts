import type { TableProperty } from '../export-table.ts';

const BOOLEAN = ['TRUE', 'FALSE'] as const;

/** In the order in which ListTables gives them (checked 2026-11). */
export const CUR_PROPERTIES: readonly TableProperty[] = [
  {
    name: 'TIME_GRANULARITY',
    description: 'The granularity of the line-items in the table.',
    validValues: ['DAILY', 'MONTHLY', 'HOURLY'],
    defaultValue: 'HOURLY',
  },
  {
    name: 'INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY',
    description: 'Leaves out the discount columns.',
    validValues: BOOLEAN,
    defaultValue: 'FALSE',
  },
  {
    name: 'INCLUDE_SPLIT_COST_ALLOCATION_DATA',
    description: 'Adds the columns of split cost allocation.',
    validValues: BOOLEAN,
    defaultValue: 'FALSE',
  },
  {
    name: 'INCLUDE_RESOURCES',
    description: 'Adds the resource id and splits rows by resource.',
    validValues: BOOLEAN,
    defaultValue: 'FALSE',
  },
  {
    name: 'INCLUDE_CAPACITY_RESERVATION_DATA',
    description: 'Adds the columns of capacity reservations.',
    validValues: BOOLEAN,
  },
  { name: 'BILLING_VIEW_ARN', description: 'The billing view whose rows are exported.', validValues: [] },
  {
    name: 'INCLUDE_IAM_PRINCIPAL_DATA',
    description: 'Adds the IAM principal of inference calls and splits rows by principal.',
    validValues: BOOLEAN,
  },
];
