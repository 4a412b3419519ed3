import type { Entry } from './membership-calls.ts';

export const SOURCES: Readonly<Record<Entry['Source'], string>> = {
  tag: 'tags of the usage',
  account: 'accounts',
  scim: 'identity provider',
  csv: 'file or hand',
};

export const KINDS: Readonly<Record<Entry['Kind'], string>> = {
  principal: 'principal',
  person: 'person',
  pattern: 'pattern',
  tag: 'tag',
  account: 'account',
};

/** `2026-01-01`, with the time where it is none of midnight. */
export function dayText(at: string): string {
  const text = new Date(at).toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : `${text.slice(0, 16).replace('T', ' ')} UTC`;
}
