import { useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useSession } from '../api/session.ts';
import { SubjectPage } from '../spend/subject-page.tsx';
import { TagKeyCard } from './team/tag-key-card.tsx';

/** A team: everybody whose calls carried one value of the team tag. */
export function Page(): ReactElement {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const { TeamTagKey: key } = useSession();
  return (
    <SubjectPage
      kind="team"
      value={id}
      about={`Calls that carried ${key} = ${id}.`}
      aside={<TagKeyCard tagKey={key} />}
    />
  );
}
