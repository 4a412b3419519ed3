import { Fault } from '../kernel/fault.ts';
import type { TallylineClient } from './client.ts';
import { type Column, formatTable } from './table.ts';

export interface AuditOptions {
  readonly from?: string;
  readonly to?: string;
  readonly user?: string;
  readonly event?: string;
  readonly service?: string;
  readonly source?: string;
  readonly accessKey?: string;
  readonly account?: string;
  readonly denied?: boolean;
  readonly limit?: string;
  readonly json?: boolean;
  readonly verify?: boolean;
}

/** As far as a row shows it; `--json` prints all of it. */
interface AuditEvent {
  readonly eventTime: string;
  readonly eventName: string;
  readonly eventSource: string;
  readonly sourceIPAddress: string;
  readonly errorCode?: string;
  readonly userIdentity: {
    readonly type: string;
    readonly arn?: string;
    readonly principalId?: string;
    readonly accessKeyId?: string;
  };
  readonly requestParameters: Readonly<Record<string, unknown>> | null;
  readonly additionalEventData?: { readonly repeatedCalls?: number };
}

interface Verdict {
  readonly Records: string;
  readonly HeadSequence: string;
  readonly HeadChain: string;
  readonly Findings: readonly string[];
}

const COLUMNS: readonly Column[] = ['time', 'caller', 'event', 'about', 'from', 'result'].map((title) => ({
  title,
  align: 'left',
}));

const LIMIT_MAX = 10_000;
const PAGE_MAX = 1_000;
/** Parameters that say what a call is about, the first that is there. */
const SUBJECTS = [
  'userName',
  'roleArn',
  'roleName',
  'groupName',
  'policyArn',
  'policyName',
  'openIDConnectProviderArn',
  'sAMLProviderArn',
  'accessKeyId',
  'inferenceProfileName',
  'inferenceProfileIdentifier',
  'resourceARN',
  'modelId',
  'exportName',
  'accountId',
  'name',
];
const SUBJECT_CHARACTERS_MAX = 60;

/** `tallyline audit`: who called what, newest first; with `--verify`, whether the log is whole. False when it is not. */
export async function audit(
  client: TallylineClient,
  options: AuditOptions,
  print: (text: string) => void,
): Promise<boolean> {
  if (options.verify) return verify(client, options.json ?? false, print);
  const events = await lookup(client, options);
  if (options.json) print(JSON.stringify(events, null, 2));
  else print(events.length === 0 ? 'no such calls' : formatTable(COLUMNS, events.map(rowOf)));
  return true;
}

/** Asks for page after page until there are enough; one page looks at a bounded part of the log and may be empty. */
async function lookup(client: TallylineClient, options: AuditOptions): Promise<AuditEvent[]> {
  const limit = readLimit(options.limit ?? '50');
  const question = {
    Start: readInstant('--from', options.from),
    End: readInstant('--to', options.to),
    Caller: options.user,
    EventName: options.event,
    EventSource: options.service,
    SourceIp: options.source,
    AccessKeyId: options.accessKey,
    AccountId: options.account,
    DeniedOnly: options.denied,
  };
  const events: AuditEvent[] = [];
  let next: string | undefined;
  do {
    const MaxResults = Math.min(PAGE_MAX, limit - events.length);
    const page = { ...question, MaxResults, ...(next !== undefined && { NextToken: next }) };
    const answer = await client.call<{ Events: AuditEvent[]; NextToken?: string }>('LookupAuditEvents', page);
    events.push(...answer.Events);
    next = answer.NextToken;
  } while (next !== undefined && events.length < limit);
  return events;
}

async function verify(client: TallylineClient, asJson: boolean, print: (text: string) => void): Promise<boolean> {
  const verdict = await client.call<Verdict>('VerifyAuditLog', {});
  const { Records, HeadSequence, HeadChain, Findings } = verdict;
  if (asJson) print(JSON.stringify(verdict, null, 2));
  else {
    for (const finding of Findings) print(`FAILED   ${finding}`);
    const head = `it ends with record ${HeadSequence}, chain value ${HeadChain || 'none'}`;
    print(Findings.length === 0 ? `ok       ${Records} records are as they were written; ${head}` : `         ${head}`);
  }
  return Findings.length === 0;
}

function rowOf(event: AuditEvent): string[] {
  const { eventTime, userIdentity, eventSource, eventName, sourceIPAddress, errorCode = 'ok' } = event;
  const repeated = event.additionalEventData?.repeatedCalls;
  return [
    eventTime,
    callerOf(userIdentity),
    `${eventSource.replace('.amazonaws.com', '')}:${eventName}`,
    subjectOf(event.requestParameters),
    sourceIPAddress,
    repeated === undefined ? errorCode : `${errorCode}, ${repeated} more`,
  ];
}

/** Of a caller that was not proven, the access key it claimed. */
function callerOf({ arn, principalId, accessKeyId }: AuditEvent['userIdentity']): string {
  return arn ?? principalId ?? (accessKeyId === undefined ? 'unknown' : `unknown, with ${accessKeyId}`);
}

function subjectOf(parameters: AuditEvent['requestParameters']): string {
  const name = SUBJECTS.find((subject) => typeof parameters?.[subject] === 'string');
  return name === undefined ? '' : String(parameters![name]).slice(0, SUBJECT_CHARACTERS_MAX);
}

function readInstant(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const isForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text);
  if (isForm && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  throw new Fault('QueryInvalid', `${option} \`${text}\` is not valid: use YYYY-MM-DD or YYYY-MM-DDTHH:MMZ`);
}

function readLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new Fault('QueryInvalid', `--limit \`${text}\` is not valid: use 1 to ${LIMIT_MAX}`);
}
