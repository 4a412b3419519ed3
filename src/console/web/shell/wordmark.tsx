import type { ReactElement } from 'react';

/** Four tallies and the line through them. */
export function Wordmark(): ReactElement {
  return (
    <>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--accent)" />
        <g stroke="var(--on-accent)" strokeWidth="2.5" strokeLinecap="round">
          <path d="M9.5 9.5v13M14 9.5v13M18.5 9.5v13M23 9.5v13" opacity="0.75" />
          <path d="M6 21 26.5 11" />
        </g>
      </svg>
      Tallyline
    </>
  );
}
