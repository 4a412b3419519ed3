import type { TagSet } from '../../kernel/tags.ts';
import type { Finding } from './finding.ts';

/** A user or role with tags. */
export interface TaggedPrincipal {
  readonly arn: string;
  readonly tags: TagSet;
}

/** More would not be read. */
const FINDINGS_MAX = 20;

/** One word's spellings and who has each. */
type Spellings = Map<string, string[]>;

/** Keys and values that differ in letter case or separators alone: reports take each spelling for another team. */
export function spellingFindings(principals: Iterable<TaggedPrincipal>): Finding[] {
  const keys = new Map<string, Spellings>();
  const values = new Map<string, Spellings>();
  for (const { arn, tags } of principals) {
    for (const [key, value] of tags) {
      note(keys, folded(key), key, arn);
      note(values, `${key}\n${folded(value)}`, value, arn);
    }
  }
  const ofKeys = [...keys.values()].flatMap((spellings) => spellingFinding(spellings, 'the tag key'));
  const ofValues = [...values].flatMap(([word, spellings]) =>
    spellingFinding(spellings, `the value of the tag \`${word.slice(0, word.indexOf('\n'))}\``),
  );
  return [...ofKeys, ...ofValues].slice(0, FINDINGS_MAX);
}

function note(words: Map<string, Spellings>, word: string, spelling: string, arn: string): void {
  const spellings = words.get(word) ?? new Map<string, string[]>();
  words.set(word, spellings);
  spellings.set(spelling, [...(spellings.get(spelling) ?? []).slice(0, 1), arn]);
}

function folded(text: string): string {
  return text.toLowerCase().replaceAll(/[-_.:/\s]/g, '');
}

function spellingFinding(spellings: Spellings, what: string): Finding[] {
  if (spellings.size < 2) return [];
  const [[rare, [arn]], ...others] = [...spellings].sort(([, a], [, b]) => a.length - b.length) as [
    [string, [string]],
    ...[string, string[]][],
  ];
  const list = others.map(([spelling]) => `\`${spelling}\``).join(', ');
  const risk = `${what} is \`${rare}\` here and ${list} elsewhere: reports take them for different ones`;
  const fix = `agree on one spelling and tag again: \`aws iam ${arn.includes(':user/') ? 'tag-user' : 'tag-role'}\``;
  return [{ kind: 'spelling', severity: 'low', subjectArn: arn, risk, fix }];
}
