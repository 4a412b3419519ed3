/** A setting of a table as `bcm-data-exports:ListTables` says it. */
export interface TableProperty {
  readonly Name: string;
  readonly ValidValues?: readonly string[];
  readonly DefaultValue?: string;
  readonly Description?: string;
}

export interface ExportableTable {
  readonly TableName: string;
  readonly Description?: string;
  readonly TableProperties?: readonly TableProperty[];
}

export const PRINCIPAL_SWITCH = 'INCLUDE_IAM_PRINCIPAL_DATA';

const LABELS: Readonly<Record<string, string>> = {
  TIME_GRANULARITY: 'Time granularity',
  INCLUDE_IAM_PRINCIPAL_DATA: 'Caller identity (IAM principal)',
  INCLUDE_RESOURCES: 'Resource ids',
  INCLUDE_SPLIT_COST_ALLOCATION_DATA: 'Split cost allocation data',
  INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: 'Compatible with manual discounts',
  INCLUDE_CAPACITY_RESERVATION_DATA: 'Capacity reservations',
};

export function propertyLabel(name: string): string {
  return LABELS[name] ?? name.toLowerCase().replaceAll('_', ' ');
}

export function isSwitch({ ValidValues = [] }: TableProperty): boolean {
  return ValidValues.length === 2 && ValidValues.includes('TRUE') && ValidValues.includes('FALSE');
}

/** What to begin with: principals switched on, since they are what this is for. */
export function startingProperties(table: ExportableTable): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { Name, DefaultValue, ValidValues = [] } of table.TableProperties ?? []) {
    // Free text, such as the ARN of a billing view, is left out.
    if (ValidValues.length > 0) found[Name] = DefaultValue ?? 'FALSE';
  }
  if (PRINCIPAL_SWITCH in found) found[PRINCIPAL_SWITCH] = 'TRUE';
  return found;
}
