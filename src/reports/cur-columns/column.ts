import type { ExportColumn } from '../export-table.ts';

export function text(name: string, description: string, sql?: string): ExportColumn {
  return column('string', name, description, sql);
}

export function number(name: string, description: string, sql?: string): ExportColumn {
  return column('double', name, description, sql);
}

export function instant(name: string, description: string, sql?: string): ExportColumn {
  return column('timestamp', name, description, sql);
}

export function textMap(name: string, description: string, sql?: string): ExportColumn {
  return column('map<string,string>', name, description, sql);
}

export function numberMap(name: string, description: string, sql?: string): ExportColumn {
  return column('map<string,double>', name, description, sql);
}

/** The column exists only when `property` is set to `value`. */
export function onlyWith(property: string, value: 'TRUE' | 'FALSE', column: ExportColumn): ExportColumn {
  return { ...column, onlyWith: [property, value] };
}

function column(type: ExportColumn['type'], name: string, description: string, sql?: string): ExportColumn {
  return sql === undefined ? { name, type, description } : { name, type, description, sql };
}
