import { RecentMap } from '../kernel/recent-map.ts';
import type { TagSet } from '../kernel/tags.ts';
import type { Admission } from '../metering/usage-event.ts';
import type { Visibility } from './visibility.ts';

/** Who calls what: live figures are told apart by it. */
export interface LiveSubject {
  /** Unlike every other subject's. */
  readonly key: string;
  readonly principalArn: string;
  readonly accountId: string;
  readonly tags: TagSet;
  readonly modelId: string;
  readonly keyId: string;
}

/** Those that are too many to be told apart: nobody's, so that only who sees everything sees them. */
export const SHARED_SUBJECT: LiveSubject = {
  ...{ key: '*', principalArn: '*', accountId: '*', tags: new Map(), modelId: '*', keyId: '*' },
};

type SubjectFacts = Pick<Admission, 'principalArn' | 'accountId' | 'accessKeyId' | 'modelId' | 'principalTags'>;

export function liveSubjectOf(facts: SubjectFacts): LiveSubject {
  const { principalArn, accountId, accessKeyId: keyId, modelId, principalTags } = facts;
  // None of them can have a line break.
  const key = [accountId, principalArn, keyId, modelId, ...principalTags.flat()].join('\n');
  return { key, principalArn, accountId, tags: new Map(principalTags), modelId, keyId };
}

interface KnownSubject {
  readonly principalTags: SubjectFacts['principalTags'];
  readonly subject: LiveSubject;
}

/** Subjects by key and model, kept while the key's caller has the same tags: most calls are of the same few. */
export class LiveSubjects {
  readonly #known: RecentMap<string, KnownSubject>;

  constructor(max: number) {
    this.#known = new RecentMap(max);
  }

  of(facts: SubjectFacts): LiveSubject {
    const { principalArn, accessKeyId, modelId, principalTags } = facts;
    // A session's key is no other session's, and a user's tags are the same list until they change.
    const id = `${accessKeyId}\n${modelId}`;
    const known = this.#known.get(id);
    if (known?.principalTags === principalTags && known.subject.principalArn === principalArn) return known.subject;
    const subject = liveSubjectOf(facts);
    this.#known.set(id, { principalTags, subject });
    return subject;
  }
}

/** The same question as `visibleConditions`, of what is in memory. */
export function isLiveVisible(subject: LiveSubject, { accountId, principalArn, principalTag }: Visibility): boolean {
  if (accountId !== undefined && subject.accountId !== accountId) return false;
  if (principalArn !== undefined && subject.principalArn !== principalArn) return false;
  return principalTag === undefined || subject.tags.get(principalTag.key) === principalTag.value;
}
