import type { ReactElement } from 'react';
import { SubjectList } from '../spend/subject-list.tsx';

export function Page(): ReactElement {
  return <SubjectList kind="model" about="What is called, whatever profile or alias it was called by." />;
}
