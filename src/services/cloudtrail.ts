import { createHash } from 'node:crypto';
import type { Event, LookupAttribute, LookupEventsRequest, LookupEventsResponse } from '@aws-sdk/client-cloudtrail';
import type { AuditLog } from '../audit/audit-log.ts';
import type { AuditRecord } from '../audit/audit-record.ts';
import { type EventFilter, matchesEvent, resourcesOf, usernameOf } from '../audit/event-filter.ts';
import { Fault } from '../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../paths/operation-handler.ts';

export interface CloudTrailParts {
  readonly auditLog: AuditLog;
}

const RESULTS_MAX = 50;

/** AWS CloudTrail, as far as it can be asked without a trail: the event history. */
export function cloudTrailOperations({ auditLog }: CloudTrailParts): OperationTable {
  const lookupEvents: OperationHandler<LookupEventsRequest, LookupEventsResponse> = {
    access: () => [{ action: 'cloudtrail:LookupEvents', resource: '*' }],
    run: async ({ input, caller }) => {
      const question = readQuestion(input);
      // There are no Insights events.
      if (input.EventCategory !== undefined) return { Events: [] };
      const filter = { ...question.filter, accountId: caller.accountId };
      const { records, next } = await auditLog.lookup({
        ...question,
        matches: (record) => matchesEvent(record, filter),
      });
      return { Events: records.map(eventOf), ...(next !== undefined && { NextToken: writeToken(next, input) }) };
    },
  };
  return { LookupEvents: lookupEvents };
}

interface Question {
  readonly filter: EventFilter;
  readonly limit: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly before?: string;
}

/** The errors' texts are our own: AWS's are not on record. */
function readQuestion(input: LookupEventsRequest): Question {
  const { MaxResults = RESULTS_MAX, StartTime, EndTime, LookupAttributes = [], NextToken } = input;
  if (MaxResults < 1 || MaxResults > RESULTS_MAX) {
    throw new Fault('InvalidMaxResultsException', `MaxResults must be between 1 and ${RESULTS_MAX}.`);
  }
  if (StartTime && EndTime && StartTime > EndTime) {
    throw new Fault('InvalidTimeRangeException', 'StartTime must not be after EndTime.');
  }
  if (LookupAttributes.length > 1) {
    throw new Fault('InvalidLookupAttributesException', 'Only one lookup attribute can be specified.');
  }
  return {
    filter: LookupAttributes[0] ? filterOf(LookupAttributes[0]) : {},
    limit: MaxResults,
    ...(StartTime && { fromMs: StartTime.getTime() }),
    ...(EndTime && { toMs: EndTime.getTime() }),
    ...(NextToken !== undefined && { before: readToken(NextToken, input) }),
  };
}

function filterOf({ AttributeKey: key, AttributeValue: value }: LookupAttribute): EventFilter {
  switch (key) {
    case 'EventId':
      return { eventId: value };
    case 'EventName':
      return { eventName: value };
    case 'ReadOnly':
      if (value !== 'true' && value !== 'false') {
        throw new Fault('InvalidLookupAttributesException', 'ReadOnly must be true or false.');
      }
      return { isReadOnly: value === 'true' };
    case 'Username':
      return { username: value };
    case 'ResourceType':
      return { resourceType: value };
    case 'ResourceName':
      return { resourceName: value };
    case 'EventSource':
      return { eventSource: value };
    default:
      return { accessKeyId: value };
  }
}

function eventOf(record: AuditRecord): Event {
  const { eventID, eventName, eventTime, eventSource, readOnly, userIdentity } = record;
  const username = usernameOf(record);
  return {
    EventId: eventID,
    EventName: eventName,
    ReadOnly: String(readOnly),
    ...(userIdentity.accessKeyId !== undefined && { AccessKeyId: userIdentity.accessKeyId }),
    EventTime: new Date(eventTime),
    EventSource: eventSource,
    ...(username !== undefined && { Username: username }),
    Resources: resourcesOf(record).map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: JSON.stringify(record),
  };
}

/** A token goes on with the question it came from and with no other. */
function writeToken(position: string, input: LookupEventsRequest): string {
  return Buffer.from(`${position} ${digestOf(input)}`).toString('base64url');
}

function readToken(token: string, input: LookupEventsRequest): string {
  const [position = '', digest] = Buffer.from(token, 'base64url').toString().split(' ');
  if (digest !== digestOf(input)) throw new Fault('InvalidNextTokenException', 'The next token is not valid.');
  return position;
}

function digestOf({ StartTime, EndTime, LookupAttributes, EventCategory }: LookupEventsRequest): string {
  const question = JSON.stringify([StartTime, EndTime, LookupAttributes, EventCategory]);
  return createHash('sha256').update(question).digest('base64url').slice(0, 16);
}
