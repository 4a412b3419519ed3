import { writeFileSync } from 'node:fs';
import { Option } from 'commander';
import { Fault } from '../kernel/fault.ts';
import type { TallylineClient } from './client.ts';
import { collect } from './repeated-option.ts';
import type {
  DefinitionWire,
  MonthAnswer,
  StatementAnswer,
  StatementStateWire,
  StatementWire,
} from './statement/answers.ts';
import {
  addressOf,
  type DefinitionOptions,
  definitionOptions,
  readDefinitionOptions,
} from './statement/definition-options.ts';
import {
  definitionTable,
  deliveryTexts,
  eventsText,
  monthText,
  statementTable,
  statementText,
} from './statement/statement-tables.ts';
import type { VerbParts } from './verb-parts.ts';

interface DataOption {
  readonly data: string;
}

interface TeamOption extends DataOption {
  readonly team?: boolean;
}

interface ShowOptions extends TeamOption {
  readonly revision?: string;
  readonly json?: boolean;
}

interface ListOptions extends TeamOption {
  readonly definition?: string;
  readonly month?: string;
  readonly status?: string;
}

interface StepOptions extends TeamOption {
  readonly reason?: string;
}

interface DownloadOptions extends TeamOption {
  readonly revision?: string;
  readonly format: string;
  readonly output?: string;
}

/** `tallyline statement`. */
export function statementVerbs({ verb, program, client, print }: VerbParts): void {
  const group = program.command('statement').description('chargeback and showback statements');
  definitionOptions(verb('define <name>', 'say who gets a statement of what', group)).action(
    async (name: string, options: DefinitionOptions) => {
      const Definition = readDefinitionOptions(name, options);
      const known = (await definitions(client(options))).find(({ Name }) => Name === name);
      if (known) {
        throw new Fault('QueryInvalid', `\`${name}\` is defined already: use statement redefine`);
      }
      await client(options).call('CreateStatementDefinition', { Definition });
      print(definitionTable(await definitions(client(options))));
    },
  );
  definitionOptions(verb('redefine <name>', 'put another definition in its place', group)).action(
    async (name: string, options: DefinitionOptions) => {
      const { DefinitionId } = await definitionNamed(name, client(options));
      const Definition = readDefinitionOptions(name, options);
      await client(options).call('UpdateStatementDefinition', { DefinitionId, Definition });
      print(definitionTable(await definitions(client(options))));
    },
  );
  verb('undefine <name>', 'delete a definition of which nothing was issued', group).action(
    async (name: string, options: DataOption) => {
      const { DefinitionId } = await definitionNamed(name, client(options));
      await client(options).call('DeleteStatementDefinition', { DefinitionId });
    },
  );
  verb('definitions', 'all definitions', group).action(async (options: DataOption) =>
    print(definitionTable(await definitions(client(options)))),
  );
  verb('preview <definition> <month>', 'what the statements of a month would say now', group).action(
    async (name: string, month: string, options: DataOption) => {
      const { DefinitionId } = await definitionNamed(name, client(options));
      const input = { DefinitionId, BillingPeriod: month };
      print(monthText(await client(options).call<MonthAnswer>('PreviewStatements', input)));
    },
  );
  verb('issue <definition> <month>', 'number the statements of a month that has ended', group)
    .option('--anew', 'the latest month again: what differs has another version')
    .option('--send', 'to the recipients of the definition')
    .action(async (name: string, month: string, options: DataOption & { anew?: boolean; send?: boolean }) => {
      const { DefinitionId } = await definitionNamed(name, client(options));
      const input = { DefinitionId, BillingPeriod: month, Anew: options.anew ?? false, Send: options.send ?? false };
      print(monthText(await client(options).call<MonthAnswer>('IssueStatements', input)));
    });
  const ofTeam = (name: string, description: string) =>
    verb(name, description, group).option('--team', "of one's own team: what a team lead may");
  ofTeam('list', 'issued statements, newest first')
    .option('--definition <name>', 'of one definition')
    .option('--month <month>', 'of one month: 2026-10')
    .option('--status <status>', 'issued, approved, disputed, resolved or voided')
    .action(async (options: ListOptions) => print(statementTable(await listed(options, client(options)))));
  ofTeam('show <number>', 'one statement with its lines, and what became of it')
    .option('--revision <version>', 'a former version')
    .option('--json', 'JSON')
    .action(async (number: string, options: ShowOptions) => {
      const answer = await client(options).call<StatementAnswer>('GetStatement', questionOf(number, options));
      print(options.json ? JSON.stringify(answer, null, 2) : statementText(answer));
    });
  ofTeam('download <number>', 'as a file')
    .addOption(new Option('--format <format>', 'which').choices(['pdf', 'csv', 'json']).default('pdf'))
    .option('--revision <version>', 'a former version')
    .option('--output <file>', 'where to (default: its own name, here)')
    .action(async (number: string, options: DownloadOptions) => {
      const { FileName, Data } = await client(options).call<{ FileName: string; Data: string }>('GetStatementFile', {
        ...{ ...questionOf(number, options), Format: options.format.toUpperCase() },
      });
      const file = options.output ?? FileName;
      writeFileSync(file, Buffer.from(Data, 'base64'));
      print(file);
    });
  const step = (name: string, operation: string, description: string, isReasoned: boolean, isOfTeam: boolean) => {
    const command = (isOfTeam ? ofTeam : (n: string, d: string) => verb(n, d, group))(`${name} <number>`, description);
    command[isReasoned ? 'requiredOption' : 'option']('--reason <text>', 'why');
    command.action(async (number: string, options: StepOptions) => {
      const input = { ...questionOf(number, options), ...(options.reason !== undefined && { Reason: options.reason }) };
      print(eventsText((await client(options).call<{ State: StatementStateWire }>(operation, input)).State));
    });
  };
  step('approve', 'ApproveStatement', 'agree with it', false, true);
  step('dispute', 'DisputeStatement', 'disagree with it', true, true);
  step('resolve', 'ResolveDispute', 'say what came of a dispute', true, false);
  step('void', 'VoidStatement', 'take it back; the next month, or issuing anew, has its costs', true, false);
  verb('send <number>', 'by mail or web hook, once to each', group)
    .option(
      '--to <address>',
      'mail address or topic ARN; repeat for more (default: those of the definition)',
      collect,
      [],
    )
    .option('--again', 'also to those who have it')
    .action(async (number: string, options: DataOption & { to: readonly string[]; again?: boolean }) => {
      const Recipients = options.to.length > 0 && { Recipients: options.to.map(addressOf) };
      const input = { Number: number, ...Recipients, Again: options.again ?? false };
      const { State } = await client(options).call<{ State: StatementStateWire }>('SendStatement', input);
      print(deliveryTexts(State).join('\n'));
    });
  verb('journal <definition>', 'journal entries of a chargeback as CSV', group)
    .option('--month <month>', 'of one month')
    .option('--column <name=field>', 'a column of your own; repeat for more', collect, [])
    .action(async (name: string, options: DataOption & { month?: string; column: readonly string[] }) => {
      const { DefinitionId } = await definitionNamed(name, client(options));
      const { Csv } = await client(options).call<{ Csv: string }>('GetJournalEntries', {
        ...{ DefinitionId, ...(options.month !== undefined && { BillingPeriod: options.month }) },
        ...(options.column.length > 0 && { Columns: options.column.map(columnOf) }),
      });
      print(Csv.trimEnd());
    });
}

async function listed(options: ListOptions, client: TallylineClient): Promise<StatementWire[]> {
  const { definition, month, status, team } = options;
  const of = definition === undefined ? undefined : await definitionNamed(definition, client);
  const all: StatementWire[] = [];
  let token: string | undefined;
  do {
    const page = await client.call<{ Statements: StatementWire[]; NextToken?: string }>('ListStatements', {
      ...(team && { Scope: 'TEAM' }),
      ...(of && { DefinitionId: of.DefinitionId }),
      ...(month !== undefined && { BillingPeriod: month }),
      ...(status !== undefined && { Status: status.toUpperCase() }),
      ...(token !== undefined && { NextToken: token }),
    });
    all.push(...page.Statements);
    token = page.NextToken;
  } while (token !== undefined);
  return all;
}

function questionOf(number: string, { team, revision }: TeamOption & { readonly revision?: string }): object {
  return {
    ...{ Number: number, ...(team && { Scope: 'TEAM' }) },
    ...(revision !== undefined && { Version: Number(revision) }),
  };
}

async function definitions(client: TallylineClient): Promise<DefinitionWire[]> {
  return (await client.call<{ StatementDefinitions: DefinitionWire[] }>('ListStatementDefinitions', {}))
    .StatementDefinitions;
}

async function definitionNamed(name: string, client: TallylineClient): Promise<DefinitionWire> {
  const found = (await definitions(client)).find(({ Name, DefinitionId }) => Name === name || DefinitionId === name);
  if (!found) throw new Fault('NotFound', `there is no statement definition \`${name}\``);
  return found;
}

function columnOf(text: string): { readonly Name: string; readonly Field: string } {
  const [, name, field] = /^(.+)=([a-zA-Z]+)$/.exec(text) ?? [];
  if (name === undefined) throw new Fault('QueryInvalid', `--column \`${text}\` is not valid: use NAME=FIELD`);
  return { Name: name, Field: field! };
}
