import type { ReactElement } from 'react';
import { Swatch, shortName } from '../../components/name-badge.tsx';
import { colourIndexesOf } from '../../format/name-colour.ts';
import { isAllocation, type KeyWord, labelOfKey, noneOfKey } from '../../report/report-key.ts';
import type { Group } from './answer.ts';

/** `team and model`, `API`, `everything`: for the middle of a sentence. */
export function titleOf(by: readonly KeyWord[]): string {
  const names = by.map((word) => {
    const label = labelOfKey(word);
    return isAllocation(word) || label === label.toUpperCase()
      ? label
      : `${label.charAt(0).toLowerCase()}${label.slice(1)}`;
  });
  if (names.length === 0) return 'everything';
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** What a group is called in the legend, in tips and in files. */
export function nameOf(group: Group, by: readonly KeyWord[]): string {
  if (group.kind === 'other') return 'other';
  if (group.kind === 'unallocated') return noneOfKey(by.find(isAllocation)!);
  if (by.length === 0) return 'all';
  return group.keys.map((key, index) => (key === '' ? noneOfKey(by[index]!) : shortName(key))).join(' · ');
}

/** Properties of the theme, one per group: of names their own unless another of the chart has it. */
export function coloursOf(groups: readonly Group[]): string[] {
  const named = groups.filter(({ kind }) => kind === 'named');
  const indexes = colourIndexesOf(named.map(({ keys }) => keys.filter(Boolean).join(' ')));
  return groups.map((group) => {
    if (group.kind === 'other') return '--other';
    return group.kind === 'unallocated' ? '--untagged' : `--name-${indexes[named.indexOf(group)]! + 1}`;
  });
}

/** A key of a group; the first with the colour that the group has in the chart. */
export function GroupBadge(props: {
  readonly group: Group;
  readonly by: readonly KeyWord[];
  /** Index of the key. */
  readonly at: number;
  readonly colour: string;
}): ReactElement | null {
  const { group, by, at } = props;
  if (group.kind !== 'named' && at > 0) return null;
  const key = group.keys[at] ?? '';
  const isName = group.kind === 'named' && key !== '';
  const text = isName ? shortName(key) : group.kind === 'named' ? noneOfKey(by[at] ?? '') : nameOf(group, by);
  return (
    <span className={`name-badge ${isName ? '' : 'name-none'}`} title={isName ? key : text}>
      {at === 0 && <Swatch colour={props.colour} round />}
      <span>{text}</span>
    </span>
  );
}
