import type { ReactElement } from 'react';
import { SubjectList } from '../spend/subject-list.tsx';

export function Page(): ReactElement {
  return (
    <SubjectList
      kind="principal"
      about="Who calls models, by verified identity: users, sessions of roles, keys. Nothing a caller writes about itself counts."
    />
  );
}
