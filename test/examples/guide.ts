import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

export const GUIDES = [
  'OPERATING.md',
  'ORGANIZATION.md',
  'FINOPS.md',
  'FOCUS.md',
  'CUR-SQL.md',
  'FORECAST.md',
  'CLIENTS.md',
  'WORKLOADS.md',
  'GATEWAY.md',
  'BUDGETS.md',
  'COMPARISON.md',
  'BENCHMARKS.md',
  'federation/saml.md',
  'federation/saml-okta.md',
  'federation/saml-entra-id.md',
  'federation/saml-adfs.md',
  'federation/saml-identity-center.md',
] as const;

export function guide(name: string): string {
  return readFileSync(join(ROOT, 'docs', name), 'utf8');
}

/** Contents of a guide's code blocks; of one language, or of all. */
export function fencedBlocks(name: string, language?: string): string[] {
  return [...guide(name).matchAll(/^```([a-z]*)\n(.*?)^```$/gms)]
    .filter(([, found]) => language === undefined || found === language)
    .map(([, , block]) => block ?? '');
}
