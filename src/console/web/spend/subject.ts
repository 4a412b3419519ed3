import { shortName } from '../components/name-badge.tsx';
import { shortModel } from '../format/model-name.ts';
import type { KeyWord } from '../report/report-key.ts';

/** What has a page of its own. */
export type SubjectKind = 'principal' | 'team' | 'model';

export interface SubjectWords {
  readonly one: string;
  readonly many: string;
  /** What to call a lack of the value. */
  readonly none: string;
  /** What its spend is told apart by, the first unless the reader chooses. */
  readonly by: readonly SubjectGroup[];
}

export type SubjectGroup = 'model' | 'principal' | 'direction' | 'team' | 'region';

export const SUBJECTS: Readonly<Record<SubjectKind, SubjectWords>> = {
  principal: { one: 'Principal', many: 'Principals', none: 'no principal', by: ['model', 'direction', 'region'] },
  team: { one: 'Team', many: 'Teams', none: 'untagged', by: ['principal', 'model', 'direction'] },
  model: { one: 'Model', many: 'Models', none: 'no model', by: ['team', 'principal', 'direction'] },
};

/** The key of reports that a kind, or a group of its page, stands for. */
export function wordOf(kind: SubjectGroup, teamTagKey: string): KeyWord {
  return kind === 'team' ? `tag:${teamTagKey}` : kind;
}

/** A value in few characters. */
export function nameOf(kind: SubjectGroup, value: string): string {
  return kind === 'model' ? shortModel(value) : shortName(value);
}

export const GROUP_LABELS: Readonly<Record<SubjectGroup, string>> = {
  model: 'Models',
  principal: 'Principals',
  direction: 'Directions',
  team: 'Teams',
  region: 'Regions',
};
