import type {
  GetTableRequest,
  GetTableResponse,
  ListTablesRequest,
  ListTablesResponse,
  TablePropertyDescription,
} from '@aws-sdk/client-bcm-data-exports';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { columnsOf, configureTable, type TableProperty } from '../../reports/export-table.ts';
import { EXPORT_TABLES, exportTable } from '../../reports/export-tables.ts';
import { pageOf } from './page.ts';

export function tableOperations(): OperationTable {
  const getTable: OperationHandler<GetTableRequest, GetTableResponse> = {
    access: ({ caller, input }) => [
      {
        action: 'bcm-data-exports:GetTable',
        resource: `arn:aws:bcm-data-exports:us-east-1:${caller.accountId}:table/${input.TableName}`,
      },
    ],
    run: ({ input }) => {
      const table = exportTable(input.TableName!);
      if (!table) throw new Fault('ValidationException', `The table ${input.TableName} does not exist`);
      const configuration = configureTable(table, input.TableProperties ?? {});
      return {
        TableName: table.name,
        Description: table.description,
        TableProperties: Object.fromEntries(configuration),
        Schema: columnsOf(table, configuration).map(({ name, type, description }) => ({
          ...{ Name: name, Type: type, Description: description },
        })),
      };
    },
  };
  const listTables: OperationHandler<ListTablesRequest, ListTablesResponse> = {
    access: () => [{ action: 'bcm-data-exports:ListTables', resource: '*' }],
    run: ({ input }) => {
      const { items, rest } = pageOf(EXPORT_TABLES, ({ name }) => name, input);
      const Tables = items.map(({ name, description, properties }) => ({
        TableName: name,
        Description: description,
        TableProperties: properties.map(wireProperty),
      }));
      return { Tables, ...rest };
    },
  };
  return { GetTable: getTable, ListTables: listTables };
}

function wireProperty({ name, description, validValues, defaultValue }: TableProperty): TablePropertyDescription {
  return {
    Name: name,
    ValidValues: [...validValues],
    ...(defaultValue !== undefined && { DefaultValue: defaultValue }),
    Description: description,
  };
}
