import type { ReactElement } from 'react';

/** Strokes on a grid of 16 by 16. */
const PATHS = {
  overview: 'M2.5 8.5 8 3l5.5 5.5M4 7.5V13h8V7.5',
  explorer: 'M2.5 13.5h11M4.5 11V8M8 11V4M11.5 11V6.5',
  alarm: 'M8 2a4 4 0 0 1 4 4v3l1.5 2.5h-11L4 9V6a4 4 0 0 1 4-4ZM6.5 13.5h3',
  live: 'M1.5 8.5h3L6.5 3l3 10 2-4.5h3',
  person: 'M8 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM3 13.5c.6-2.6 2.6-4 5-4s4.4 1.4 5 4',
  team: 'M6 7.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM1.8 13c.4-2.3 2.1-3.5 4.2-3.5s3.8 1.2 4.2 3.5M10.5 3.4a2.2 2.2 0 0 1 0 4M11.5 9.8c1.5.4 2.4 1.5 2.7 3.2',
  model: 'M8 2 13 4.8v6.4L8 14l-5-2.8V4.8L8 2ZM3 4.8l5 2.8 5-2.8M8 7.6V14',
  request: 'M2.5 4.5h11M2.5 8h7M2.5 11.5h9',
  tag: 'M2.5 2.5h5l6 6-5 5-6-6v-5ZM5.5 5.5h.01',
  category: 'M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z',
  split: 'M8 13.5V9.5L3.5 5V2.5M8 9.5 12.5 5V2.5',
  export: 'M8 2.5v7.5M5 7l3 3 3-3M2.5 11v2.5h11V11',
  budget: 'M2.5 10.5a5.5 5.5 0 1 1 11 0M8 10.5l2.5-3.5M2 13.5h12',
  statement: 'M4 1.8h5.5l3 3v9.4H4zM9.5 1.8v3h3M6 8h4.5M6 10.8h4.5',
  key: 'M10.5 8.5a3 3 0 1 0-2.8-2L2.5 11.7v1.8H5l.5-1.5 1.5-.5.5-1.5 1.3-1.4c.5.2 1.1-.1 1.7-.1ZM11 5h.01',
  price:
    'M8 1.8v12.4M11 4.5C10.5 3.6 9.5 3 8 3 6.2 3 5 3.9 5 5.3c0 3.2 6.2 1.8 6.2 5.2 0 1.5-1.3 2.5-3.2 2.5-1.6 0-2.8-.7-3.3-1.8',
  audit: 'M8 1.8 13 3.5v4c0 3.2-2 5.5-5 6.7-3-1.2-5-3.5-5-6.7v-4L8 1.8ZM5.8 7.9l1.6 1.6 2.9-3',
  system: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01',
  guide: 'M8 13.5a5.7 5.7 0 1 0 0-11.4 5.7 5.7 0 0 0 0 11.4ZM10.3 5.5 9 8.9 5.6 10.3 7 6.9z',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.3 10.3 14 14',
  menu: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  close: 'm4 4 8 8M12 4l-8 8',
  down: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  right: 'm6.5 4.5 3.5 3.5-3.5 3.5',
  up: 'm4.5 9.5 3.5-3.5 3.5 3.5',
  rise: 'M4.5 11.5l7-7M6 4.5h5.5V10',
  fall: 'M4.5 4.5l7 7M6 11.5h5.5V6',
  same: 'M3.5 8h9',
  check: 'm3.5 8.5 3 3 6-7',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13.5 9.3A5.7 5.7 0 0 1 6.7 2.5a5.7 5.7 0 1 0 6.8 6.8Z',
  screen: 'M2 3h12v8H2zM6 13.5h4M8 11v2.5',
  calendar: 'M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3',
  filter: 'M2.5 4h11M4.5 8h7M6.5 12h3',
  globe:
    'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM2 8h12M8 2c1.7 1.6 2.5 3.6 2.5 6S9.7 12.4 8 14M8 2C6.3 3.6 5.5 5.6 5.5 8s.8 4.4 2.5 6',
  image: 'M2.5 3h11v10h-11zM2.5 10.5l3-3 3 3 2-2 3 3M10.5 6h.01',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11M6.5 6.3V13',
  warning: 'M8 2.5 14 13.2H2L8 2.5ZM8 6.5v3.2M8 11.5h.01',
  help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.3 6.3c.1-1 .8-1.6 1.8-1.6s1.7.7 1.7 1.5c0 1.2-1.8 1.4-1.8 2.6M8 11.2h.01',
  leave: 'M6.5 2.5h-4v11h4M6.5 8h7M10.8 5.2 13.5 8l-2.7 2.8',
  retry: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.5',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  link: 'M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2A2.6 2.6 0 0 0 9 3.3l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 0 0 7 12.7l.8-.8',
  bookmark: 'M4 2.5h8v11L8 10.5l-4 3z',
  note: 'M2.5 3h11v7.5H9L6 13.5v-3H2.5z',
  stop: 'M5.2 2h5.6L14 5.2v5.6L10.8 14H5.2L2 10.8V5.2zM8 5v3.5M8 11h.01',
} as const;

export type IconName = keyof typeof PATHS;

/** An ornament: whoever shows it says in words what it means. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden="true">
      <path d={PATHS[name]} stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
