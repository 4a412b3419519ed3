import type { ComponentType } from 'react';
import type { IconName } from './components/icon.tsx';

/** Groups of the navigation, in their order; the first has no heading. */
export const NAV_GROUPS = ['Look', 'Who and what', 'Allocate', 'Operate', 'Start'] as const;

export interface PageEntry {
  /** Behind `/console`. `$id` stands for one segment, read with `useParams({ strict: false })`. */
  readonly path: string;
  readonly title: string;
  /** Absent: the page is reached from others. */
  readonly nav?: { readonly group: (typeof NAV_GROUPS)[number]; readonly icon: IconName };
  /** One of them is needed to see anything here; who may none of them does not see the page in the navigation. Absent: everybody. */
  readonly actions?: readonly string[];
  /** The module of the page, which exports it as `Page`. */
  readonly load: () => Promise<{ readonly Page: ComponentType }>;
}

const FIGURES = ['tallyline:GetReport', 'tallyline:GetTeamReport', 'tallyline:GetOwnReport'];
// Who may ask for figures of a narrower scope may see the requests behind them.
const REQUESTS = ['tallyline:ListRequests', 'tallyline:GetTeamReport', 'tallyline:GetOwnReport'];

// A line per page, on purpose.
// biome-ignore format: a table
export const PAGES: readonly PageEntry[] = [
  { path: '/', title: 'Overview', nav: { group: 'Look', icon: 'overview' }, load: () => import('./routes/overview.tsx') },
  { path: '/explorer', title: 'Explorer', nav: { group: 'Look', icon: 'explorer' }, actions: FIGURES, load: () => import('./routes/explorer.tsx') },
  { path: '/anomalies', title: 'Anomalies', nav: { group: 'Look', icon: 'alarm' }, actions: ['tallyline:ListFindings', 'tallyline:GetTeamReport', 'tallyline:GetOwnReport'], load: () => import('./routes/anomalies.tsx') },
  { path: '/anomalies/$id', title: 'Anomaly', load: () => import('./routes/anomaly.tsx') },
  { path: '/why', title: 'Why', nav: { group: 'Look', icon: 'help' }, actions: ['tallyline:ExplainSpend', 'tallyline:GetTeamReport', 'tallyline:GetOwnReport'], load: () => import('./routes/why.tsx') },
  { path: '/unit-economics', title: 'Unit economics', nav: { group: 'Look', icon: 'price' }, actions: ['tallyline:GetUnitCosts'], load: () => import('./routes/unit-economics.tsx') },
  { path: '/live', title: 'Live', nav: { group: 'Look', icon: 'live' }, actions: ['tallyline:GetLive', 'tallyline:GetTeamReport', 'tallyline:GetOwnReport'], load: () => import('./routes/live.tsx') },
  { path: '/principals', title: 'Principals', nav: { group: 'Who and what', icon: 'person' }, actions: FIGURES, load: () => import('./routes/principals.tsx') },
  { path: '/principals/$id', title: 'Principal', load: () => import('./routes/principal.tsx') },
  { path: '/teams', title: 'Teams', nav: { group: 'Who and what', icon: 'team' }, actions: FIGURES, load: () => import('./routes/teams.tsx') },
  { path: '/teams/$id', title: 'Team', load: () => import('./routes/team.tsx') },
  { path: '/models', title: 'Models', nav: { group: 'Who and what', icon: 'model' }, actions: FIGURES, load: () => import('./routes/models.tsx') },
  { path: '/models/$id', title: 'Model', load: () => import('./routes/model.tsx') },
  { path: '/requests', title: 'Requests', nav: { group: 'Who and what', icon: 'request' }, actions: REQUESTS, load: () => import('./routes/requests.tsx') },
  { path: '/requests/$id', title: 'Request', load: () => import('./routes/request.tsx') },
  { path: '/tags', title: 'Tags', nav: { group: 'Allocate', icon: 'tag' }, actions: ['ce:ListCostAllocationTags'], load: () => import('./routes/tags.tsx') },
  { path: '/tags/strategy', title: 'Tag strategy', load: () => import('./routes/tag-strategy.tsx') },
  { path: '/cost-categories', title: 'Cost categories', nav: { group: 'Allocate', icon: 'category' }, actions: ['ce:ListCostCategoryDefinitions'], load: () => import('./routes/cost-categories.tsx') },
  { path: '/cost-categories/new', title: 'Create a cost category', load: () => import('./routes/new-cost-category.tsx') },
  { path: '/cost-categories/name/$id', title: 'Cost category', load: () => import('./routes/cost-category.tsx') },
  { path: '/organisation', title: 'Org chart', nav: { group: 'Allocate', icon: 'team' }, actions: ['tallyline:ListMembershipStructures'], load: () => import('./routes/organisation.tsx') },
  { path: '/splits', title: 'Splits', nav: { group: 'Allocate', icon: 'split' }, actions: ['tallyline:GetSplitCharges'], load: () => import('./routes/splits.tsx') },
  { path: '/exports', title: 'Exports', nav: { group: 'Allocate', icon: 'export' }, actions: ['bcm-data-exports:ListExports'], load: () => import('./routes/exports.tsx') },
  { path: '/exports/new', title: 'Create an export', load: () => import('./routes/new-export.tsx') },
  { path: '/exports/name/$id', title: 'Export', load: () => import('./routes/export.tsx') },
  { path: '/budgets', title: 'Budgets', nav: { group: 'Allocate', icon: 'budget' }, actions: ['budgets:ViewBudget', 'tallyline:ListHardBudgets'], load: () => import('./routes/budgets.tsx') },
  { path: '/reconcile', title: 'Reconcile', nav: { group: 'Allocate', icon: 'check' }, actions: ['tallyline:ListReconciliations'], load: () => import('./routes/reconcile.tsx') },
  { path: '/statements', title: 'Statements', nav: { group: 'Allocate', icon: 'statement' }, actions: ['tallyline:ListInvoices', 'tallyline:ListStatements', 'tallyline:GetTeamReport'], load: () => import('./routes/statements.tsx') },
  { path: '/statements/new', title: 'Define statements', load: () => import('./routes/new-statement-definition.tsx') },
  { path: '/statements/$id', title: 'Statement', load: () => import('./routes/statement.tsx') },
  { path: '/access', title: 'Access', nav: { group: 'Operate', icon: 'key' }, actions: ['iam:ListUsers', 'iam:ListRoles'], load: () => import('./routes/access.tsx') },
  { path: '/prices', title: 'Prices', nav: { group: 'Operate', icon: 'price' }, load: () => import('./routes/prices.tsx') },
  { path: '/imports', title: 'Imports', nav: { group: 'Operate', icon: 'table' }, actions: ['tallyline:ListBillSources'], load: () => import('./routes/imports.tsx') },
  { path: '/audit', title: 'Audit', nav: { group: 'Operate', icon: 'audit' }, actions: ['tallyline:LookupAuditEvents', 'cloudtrail:LookupEvents'], load: () => import('./routes/audit.tsx') },
  { path: '/system', title: 'System', nav: { group: 'Operate', icon: 'system' }, actions: ['tallyline:GetDiagnosis'], load: () => import('./routes/system.tsx') },
  { path: '/set-up', title: 'Set-up guide', nav: { group: 'Start', icon: 'guide' }, load: () => import('./routes/set-up.tsx') },
];
