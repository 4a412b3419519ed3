import type { SliceCell } from './usage-slice.ts';

/** What is watched by itself, the narrowest kind first. */
export const SUBJECT_KINDS = ['principal', 'role', 'tag', 'model', 'all'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

export interface Subject {
  readonly kind: SubjectKind;
  /** Prefixed key of a tag; empty for other kinds. */
  readonly tagKey: string;
  /** Empty for `all`. */
  readonly value: string;
}

export const EVERYTHING: Subject = { kind: 'all', tagKey: '', value: '' };

/** Names a subject in maps and records. */
export function subjectKey({ kind, tagKey, value }: Subject): string {
  return `${kind}\n${tagKey}\n${value}`;
}

/** Position among the kinds: a lower one says more about who it was. */
export function breadthOf({ kind }: Subject): number {
  return SUBJECT_KINDS.indexOf(kind);
}

const ROLE_SESSION = /^arn:[^:]*:sts::\d*:assumed-role\/([^/]+)\/./;

/** Name of the role that a session belongs to, as the report dimension `role` has it; undefined for users. */
export function roleOfSession(principalArn: string): string | undefined {
  return ROLE_SESSION.exec(principalArn)?.[1];
}

/** All that a cell counts for. */
export function subjectsOf({ principal, model, tags }: SliceCell, tagKeys: readonly string[]): Subject[] {
  const subjects: Subject[] = [
    { kind: 'principal', tagKey: '', value: principal },
    { kind: 'model', tagKey: '', value: model },
    EVERYTHING,
  ];
  const role = roleOfSession(principal);
  if (role !== undefined) subjects.push({ kind: 'role', tagKey: '', value: role });
  tags.forEach((value, index) => {
    if (value !== '') subjects.push({ kind: 'tag', tagKey: tagKeys[index]!, value });
  });
  return subjects;
}
