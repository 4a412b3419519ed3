import { Fault } from '../kernel/fault.ts';
import type { TallylineClient } from './client.ts';

export interface ExplainOptions {
  readonly context?: readonly string[];
  readonly sessionName?: string;
  readonly sessionTag?: readonly string[];
  readonly sourceIdentity?: string;
  readonly message?: string;
  readonly json?: boolean;
}

export interface Question {
  readonly principal?: string | undefined;
  readonly action?: string | undefined;
  readonly resource?: string | undefined;
}

interface StatementWire {
  readonly PolicyId: string;
  readonly StatementId: string;
  readonly Effect: string;
}

interface NearMissWire {
  readonly PolicyId: string;
  readonly StatementId: string;
  readonly Failed: 'resource' | 'principal' | 'condition';
  readonly Conditions: readonly {
    readonly Operator: string;
    readonly Key: string;
    readonly Expected: readonly string[];
    readonly Actual?: readonly string[];
  }[];
}

interface LayerWire {
  readonly Layer: string;
  readonly Level?: number;
  readonly Verdict: 'denies' | 'allows' | 'silent';
  readonly Statements: readonly StatementWire[];
  readonly NearMisses: readonly NearMissWire[];
}

interface PermissionWire {
  readonly Action: string;
  readonly Resource: string;
  readonly Decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  readonly Layer: string;
  readonly Message?: string;
  readonly Layers: readonly LayerWire[];
}

interface Explanation {
  readonly DecodedMessage?: string;
  readonly Principal?: string;
  readonly Permissions?: readonly PermissionWire[];
}

const LAYERS: Readonly<Record<string, string>> = {
  serviceControl: 'service control policies',
  resource: 'policy of the resource',
  identity: 'identity-based policies',
  boundary: 'permissions boundary',
  session: 'session policies',
};

const MARK = { allowed: 'ALLOWED', explicitDeny: 'DENIED', implicitDeny: 'NOT ALLOWED' } as const;

/** `tallyline explain`: what policies decide about a request and why. True when everything it takes is allowed. */
export async function explain(
  client: TallylineClient,
  question: Question,
  options: ExplainOptions,
  print: (text: string) => void,
): Promise<boolean> {
  const answer = await client.call<Explanation>('ExplainAccess', inputOf(question, options));
  if (options.json) {
    print(answer.DecodedMessage ?? JSON.stringify(answer, null, 2));
  } else if (answer.DecodedMessage !== undefined) {
    print(JSON.stringify(JSON.parse(answer.DecodedMessage), null, 2));
  } else {
    print(`${answer.Principal}\n`);
    print(answer.Permissions!.map(permissionText).join('\n\n'));
  }
  return answer.Permissions?.every(({ Decision }) => Decision === 'allowed') ?? true;
}

function inputOf({ principal, action, resource }: Question, options: ExplainOptions): object {
  if (options.message !== undefined) return { EncodedMessage: options.message };
  if (principal === undefined || action === undefined) {
    throw new Fault('QueryInvalid', 'name a principal and an action, or an encoded message with `--message`');
  }
  const values = new Map<string, string[]>();
  for (const [key, value] of (options.context ?? []).map(pair)) values.set(key, [...(values.get(key) ?? []), value]);
  return {
    Principal: principal,
    Action: action,
    ...(resource !== undefined && { Resource: resource }),
    ...(values.size > 0 && { Context: [...values].map(([Key, Values]) => ({ Key, Values })) }),
    ...(options.sessionName !== undefined && { SessionName: options.sessionName }),
    ...(options.sessionTag?.length && { SessionTags: Object.fromEntries(options.sessionTag.map(pair)) }),
    ...(options.sourceIdentity !== undefined && { SourceIdentity: options.sourceIdentity }),
  };
}

/** Values may hold `=`. */
function pair(text: string): [key: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Fault('QueryInvalid', `\`${text}\` is no key and value: write it as KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function permissionText({ Action, Resource, Decision, Layer, Message, Layers }: PermissionWire): string {
  const about = Resource === '*' ? Action : `${Action} on ${Resource}`;
  const lines = [`${MARK[Decision]}  ${about}`];
  if (Message !== undefined) lines.push(`  ${Message}`);
  if (Layer === 'root') lines.push('  decided by what the root user may do');
  return [...lines, ...Layers.map(layerText)].join('\n');
}

function layerText({ Layer, Level, Verdict, Statements, NearMisses }: LayerWire): string {
  const level = Level === undefined ? '' : `, level ${Level}`;
  const lines = [`  ${LAYERS[Layer] ?? Layer}${level}: ${Verdict === 'silent' ? 'nothing applies' : Verdict}`];
  for (const { PolicyId, StatementId, Effect } of Statements) {
    lines.push(`    ${Effect}  ${PolicyId}, ${statementName(StatementId)}`);
  }
  // Where something allows, the rest of the Allows do not matter.
  if (Verdict === 'silent') lines.push(...NearMisses.flatMap(nearMissLines));
  return lines.join('\n');
}

function nearMissLines({ PolicyId, StatementId, Failed, Conditions }: NearMissWire): string[] {
  const why = {
    resource: 'is about other resources',
    principal: 'names other principals',
    condition: 'has a condition that does not hold',
  }[Failed];
  return [
    `    ${PolicyId}, ${statementName(StatementId)} would allow the action but ${why}`,
    ...Conditions.map(({ Operator, Key, Expected, Actual }) => {
      const actual = Actual ? `the request has ${quoted(Actual)}` : 'the request does not have it';
      return `      ${Operator} ${Key}: ${quoted(Expected)}; ${actual}`;
    }),
  ];
}

/** Statements without a Sid are named by their place already. */
function statementName(id: string): string {
  return /^statement \d+$|^unreadable policy$/.test(id) ? id : `statement ${id}`;
}

function quoted(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(', ');
}
