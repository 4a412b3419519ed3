import type { ReactElement } from 'react';
import { useSession } from '../api/session.ts';
import { SubjectList } from '../spend/subject-list.tsx';

export function Page(): ReactElement {
  const { TeamTagKey: key } = useSession();
  return (
    <SubjectList kind="team" about={`Spend by the cost allocation tag ${key} that callers carried at the call.`} />
  );
}
