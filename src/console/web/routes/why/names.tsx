import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useSession } from '../../api/session.ts';
import { NameBadge, shortName } from '../../components/name-badge.tsx';
import { shortModel } from '../../format/model-name.ts';
import { type KeyWord, noneOfKey } from '../../report/report-key.ts';

/** A value of a key with its colour, and a way to its page where it has one. */
export function DriverName({ word, value }: { readonly word: KeyWord; readonly value: string }): ReactElement {
  const { TeamTagKey: teamTagKey } = useSession();
  const path = pathOf(word, value, teamTagKey);
  const name = word === 'model' ? shortModel(value) : shortName(value);
  return (
    <NameBadge name={value} none={noneOfKey(word)}>
      {path === undefined ? (
        name
      ) : (
        <Link to={path} params={{ id: value } as never}>
          {name}
        </Link>
      )}
    </NameBadge>
  );
}

function pathOf(word: KeyWord, value: string, teamTagKey: string): string | undefined {
  if (value === '' || value.endsWith('/*')) return undefined;
  if (word === 'principal') return '/principals/$id';
  if (word === 'model') return '/models/$id';
  return word === `tag:iamPrincipal/${teamTagKey}` || word === `tag:${teamTagKey}` ? '/teams/$id' : undefined;
}
