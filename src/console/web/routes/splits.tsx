import type { ReactElement } from 'react';
import { Page as Frame } from '../components/page.tsx';

export function Page(): ReactElement {
  return <Frame title="Split charges" />;
}
