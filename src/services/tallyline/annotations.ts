import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import type { Annotation, AnnotationScope } from '../../reports/annotation.ts';
import type { OwnedRecords } from '../../reports/owned-records.ts';
import { ownedAccess } from './owned-access.ts';

export interface AnnotationParts {
  readonly annotations: OwnedRecords<Annotation>;
  readonly newToken: () => string;
}

interface PutInput {
  /** Absent: a new annotation. */
  readonly Id?: string;
  readonly StartDate: string;
  /** The last day; absent: the first. */
  readonly EndDate?: string;
  readonly Text: string;
  readonly Scope?: readonly WireScope[];
  /** Absent: true. */
  readonly Shared?: boolean;
}

interface WireScope {
  readonly Type: AnnotationScope['type'];
  readonly Key: string;
  readonly Value: string;
}

interface ListInput extends PageInput {
  /** Annotations that touch the days from this one; absent: from the first. */
  readonly StartDate?: string;
  /** Until this one, itself counted; absent: until the last. */
  readonly EndDate?: string;
}

const PAGE: PageManner = {
  size: 100,
  direction: 'descending',
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** Words on days. The author changes them; so does who may `tallyline:ManageAnnotations`. */
export function annotationOperations({ annotations, newToken }: AnnotationParts): OperationTable {
  const put: OperationHandler<PutInput, unknown> = {
    access: ownedAccess(annotations, 'PutAnnotation', 'ManageAnnotations'),
    run: async ({ input, caller, nowMs }) => {
      const { Id, Text: text, Scope = [], Shared: isShared = true } = input;
      const scope = Scope.map(({ Type, Key, Value }) => ({ type: Type, key: Key, value: Value }));
      const content = { ...readDays(input), text, scope, isShared, updatedAtMs: nowMs };
      if (Id !== undefined) {
        const annotation = await annotations.change(caller.accountId, Id, (before) => ({ ...before, ...content }));
        return { Annotation: wireAnnotation(annotation, caller.arn) };
      }
      const owner = { accountId: caller.accountId, ownerArn: caller.arn };
      const annotation: Annotation = { id: newToken(), ...owner, createdAtMs: nowMs, ...content };
      await annotations.create(annotation);
      return { Annotation: wireAnnotation(annotation, caller.arn) };
    },
  };
  const list: OperationHandler<ListInput, unknown> = {
    access: () => [{ action: 'tallyline:ListAnnotations', resource: '*' }],
    run: ({ input, caller }) => {
      const { StartDate: first = '', EndDate: last = '9999-12-31' } = input;
      const visible = annotations
        .visibleTo(caller)
        .filter(({ firstDay, lastDay }) => firstDay <= last && lastDay >= first)
        .sort((a, b) => (orderOf(a) > orderOf(b) ? -1 : 1));
      const { items, rest } = resultPage(visible, orderOf, input, PAGE);
      return { Annotations: items.map((one) => wireAnnotation(one, caller.arn)), ...rest };
    },
  };
  const remove: OperationHandler<{ readonly Id: string }, unknown> = {
    access: ownedAccess(annotations, 'DeleteAnnotation', 'ManageAnnotations'),
    run: async ({ input, caller }) => {
      await annotations.delete(caller.accountId, input.Id);
      return {};
    },
  };
  return { PutAnnotation: put, ListAnnotations: list, DeleteAnnotation: remove };
}

function readDays({ StartDate, EndDate = StartDate }: PutInput): Pick<Annotation, 'firstDay' | 'lastDay'> {
  for (const day of [StartDate, EndDate]) {
    if (isDay(day)) continue;
    throw new Fault('ValidationException', `\`${day}\` is no day: write it like 2026-04-09`);
  }
  if (EndDate >= StartDate) return { firstDay: StartDate, lastDay: EndDate };
  throw new Fault('ValidationException', `the last day \`${EndDate}\` is before the first, \`${StartDate}\``);
}

/** The model has seen to the form; `2026-02-30` has it too. */
function isDay(text: string): boolean {
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(atMs) && new Date(atMs).toISOString().startsWith(text);
}

/** Newest days first. */
function orderOf({ firstDay, id }: Annotation): string {
  return `${firstDay}/${id}`;
}

function wireAnnotation(annotation: Annotation, viewerArn: string): unknown {
  const { id, firstDay, lastDay, text, scope, isShared, ownerArn, createdAtMs, updatedAtMs } = annotation;
  return {
    ...{ Id: id, StartDate: firstDay, EndDate: lastDay, Text: text },
    Scope: scope.map(({ type, key, value }) => ({ Type: type, Key: key, Value: value })),
    ...{ Shared: isShared, Author: ownerArn, IsOwn: ownerArn === viewerArn },
    ...{ CreatedAt: new Date(createdAtMs), UpdatedAt: new Date(updatedAtMs) },
  };
}
