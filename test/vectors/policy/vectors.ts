import { readdirSync, readFileSync } from 'node:fs';
import type { Caller } from '../../../src/identity/principal.ts';
import type { TagSet } from '../../../src/kernel/tags.ts';
import type { PolicySet } from '../../../src/policy/authorize.ts';
import { type ConditionContext, globalContext, type RequestFacts, withContext } from '../../../src/policy/context.ts';

/** A policy document, or the text of one that is none. */
export type PolicyInFile = object | string;

/** Everything that bears on a request, as a case file has it. */
export interface PoliciesInFile {
  readonly identity: readonly PolicyInFile[];
  readonly boundary?: PolicyInFile;
  readonly session?: readonly PolicyInFile[];
  readonly resource?: { readonly kind: 'role-trust' | 'resource'; readonly policy: PolicyInFile };
  readonly serviceControl?: readonly (readonly PolicyInFile[])[];
}

/** Context keys and tags as JSON has them. */
export type ContextInFile = Readonly<Record<string, readonly string[]>>;
export type TagsInFile = Readonly<Record<string, string>>;

interface CallerInFile extends Omit<Caller, 'principalArn' | 'tags' | 'session'> {
  /** Absent: the same as `arn`. */
  readonly principalArn?: string;
  readonly tags: TagsInFile;
  readonly session?: {
    readonly issuedBy: NonNullable<Caller['session']>['issuedBy'];
    readonly issuedAt: string;
    readonly tags: TagsInFile;
    readonly transitiveTagKeys: readonly string[];
  };
}

interface CallersFile {
  readonly facts: Omit<RequestFacts, 'nowMs'> & { readonly now: string };
  readonly callers: Readonly<Record<string, CallerInFile>>;
}

const SESSION_MS = 3_600_000;

const { facts, callers } = readJson('callers.json') as CallersFile;

/** What every case is asked with. */
export const FACTS: RequestFacts = { ...facts, nowMs: Date.parse(facts.now) };

/** Names of the case files that hold decisions of `authorize`. */
export const DECISION_FILES = readdirSync(new URL('.', import.meta.url)).filter(
  (name) => name.endsWith('.json') && !/^(callers|assume-role|.*-documents)\.json$/.test(name),
);

export function readCases<Case>(fileName: string): readonly Case[] {
  return (readJson(fileName) as { readonly cases: readonly Case[] }).cases;
}

export function callerNamed(name: string): Caller {
  const inFile = callers[name];
  if (!inFile) throw new Error(`no caller is named ${name}`);
  const { session, tags, principalArn, ...rest } = inFile;
  return {
    ...rest,
    principalArn: principalArn ?? rest.arn,
    tags: tagsOf(tags),
    ...(session && {
      session: {
        issuedBy: session.issuedBy,
        issuedAtMs: Date.parse(session.issuedAt),
        expiresAtMs: Date.parse(session.issuedAt) + SESSION_MS,
        sessionTags: tagsOf(session.tags),
        transitiveTagKeys: session.transitiveTagKeys,
      },
    }),
  };
}

export function contextOf(caller: Caller, extra: ContextInFile = {}): ConditionContext {
  return withContext(globalContext(caller, FACTS), Object.entries(extra));
}

export function tagsOf(tags: TagsInFile = {}): TagSet {
  return new Map(Object.entries(tags));
}

export function textOf(policy: PolicyInFile): string {
  return typeof policy === 'string' ? policy : JSON.stringify(policy);
}

/** Sources are named by layer and place: `identity 1`. */
export function policySetOf(policies: PoliciesInFile): PolicySet {
  const { boundary, session, resource, serviceControl } = policies;
  const sources = (layer: string, list: readonly PolicyInFile[]) =>
    list.map((policy, index) => ({ id: `${layer} ${index + 1}`, text: textOf(policy) }));
  return {
    identity: sources('identity', policies.identity),
    ...(boundary && { boundary: { id: 'boundary', text: textOf(boundary) } }),
    ...(session && { session: sources('session', session) }),
    ...(resource && { resource: { kind: resource.kind, source: { id: 'resource', text: textOf(resource.policy) } } }),
    ...(serviceControl && { serviceControl: serviceControl.map((level) => sources('service control', level)) }),
  };
}

function readJson(fileName: string): unknown {
  return JSON.parse(readFileSync(new URL(fileName, import.meta.url), 'utf8'));
}
