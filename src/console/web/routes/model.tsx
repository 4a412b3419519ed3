import { useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { SubjectPage } from '../spend/subject-page.tsx';

export function Page(): ReactElement {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  return <SubjectPage kind="model" value={id} />;
}
