import type { BrowserSession } from './browser-session.ts';

/** Every page, by its path in `routes.tsx`; `ID` stands for something that there is. */
const PAGES: Readonly<Record<string, string>> = {
  '/': '/',
  '/explorer': '/explorer',
  '/why': '/why',
  '/unit-economics': '/unit-economics',
  '/anomalies': '/anomalies',
  '/anomalies/$id': '/anomalies/ID',
  '/live': '/live',
  '/principals': '/principals',
  '/principals/$id': '/principals/ID',
  '/teams': '/teams',
  '/teams/$id': '/teams/data-science',
  '/models': '/models',
  '/models/$id': '/models/anthropic.claude-sonnet-4-6',
  '/requests': '/requests',
  '/requests/$id': '/requests/ID',
  '/tags': '/tags',
  '/tags/strategy': '/tags/strategy',
  '/cost-categories': '/cost-categories',
  '/cost-categories/new': '/cost-categories/new',
  '/cost-categories/name/$id': '/cost-categories/name/ID',
  '/organisation': '/organisation',
  '/splits': '/splits',
  '/exports': '/exports',
  '/exports/new': '/exports/new',
  '/exports/name/$id': '/exports/name/ID',
  '/budgets': '/budgets',
  '/reconcile': '/reconcile',
  '/statements': '/statements',
  '/statements/new': '/statements/new',
  '/statements/$id': '/statements/ID',
  '/access': '/access',
  '/prices': '/prices',
  '/imports': '/imports',
  '/audit': '/audit',
  '/system': '/system',
  '/set-up': '/set-up',
};

export const PAGE_PATHS = Object.keys(PAGES);

/** What `ID` stands for, by path: the costliest call of two months, who made it, an export, a cost category, a statement. */
export async function pageIds(session: BrowserSession): Promise<Readonly<Record<string, string>>> {
  const { Requests } = (await session.call('tallyline', 'ListRequests', { MaxResults: 1, OrderBy: 'COSTLIEST' })) as {
    readonly Requests: readonly { readonly RequestId: string; readonly Principal: string }[];
  };
  const { Exports } = (await session.call('bcm-data-exports', 'ListExports', {})) as {
    readonly Exports: readonly { readonly ExportName: string }[];
  };
  const { CostCategoryReferences } = (await session.call('ce', 'ListCostCategoryDefinitions', {})) as {
    readonly CostCategoryReferences: readonly { readonly Name: string }[];
  };
  // What the watch finds depends on the moment: without anything, the page says that it is not there.
  const { Findings } = (await session.call('tallyline', 'ListFindings', { MaxResults: 1 })) as {
    readonly Findings: readonly { readonly FindingId: string }[];
  };
  return {
    '/requests/$id': Requests[0]!.RequestId,
    '/anomalies/$id': Findings[0]?.FindingId ?? '0'.repeat(36),
    '/principals/$id': Requests[0]!.Principal,
    '/exports/name/$id': Exports[0]!.ExportName,
    '/cost-categories/name/$id': CostCategoryReferences[0]!.Name,
    '/statements/$id': await issuedStatement(session),
  };
}

/** The statement of the team that costs most. */
async function issuedStatement(session: BrowserSession): Promise<string> {
  const { Statements } = (await session.call('tallyline', 'ListStatements', {})) as {
    readonly Statements: readonly { readonly Number: string; readonly TotalAmount: string }[];
  };
  return Statements.toSorted((a, b) => Number(b.TotalAmount) - Number(a.TotalAmount))[0]!.Number;
}

/** Below `/console`. */
export function pageAddress(path: string, ids: Readonly<Record<string, string>>): string {
  return PAGES[path]!.replace('ID', encodeURIComponent(ids[path] ?? ''));
}
