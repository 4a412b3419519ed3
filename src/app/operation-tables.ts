import { randomBytes, randomUUID } from 'node:crypto';
import type { FileJournal } from '../adapters/file-journal.ts';
import { BusinessMetricRegistry } from '../allocation/business-metric-registry.ts';
import type { CostCategoryRegistry } from '../allocation/cost-category-registry.ts';
import type { MembershipRegistry } from '../allocation/membership-registry.ts';
import { ScimDirectory } from '../allocation/scim-directory.ts';
import type { TagLedger } from '../allocation/tag-ledger.ts';
import { TagStrategyRecord } from '../allocation/tag-strategy.ts';
import type { InvocationJobs } from '../batches/invocation-jobs.ts';
import type { PeriodLedger } from '../billing/period-ledger.ts';
import type { Config } from '../config.ts';
import type { ConsoleSessions } from '../identity/console-session.ts';
import type { Directory } from '../identity/directory.ts';
import type { SamlVerifier } from '../identity/saml-verifier.ts';
import type { SessionTokens } from '../identity/session-token.ts';
import type { ApplicationInferenceProfiles } from '../inference/application-inference-profile.ts';
import type { ModelCatalog } from '../inference/model-catalog.ts';
import type { ModelRouter } from '../inference/model-router.ts';
import type { LoggingConfigurations } from '../invocations/logging-configurations.ts';
import type { Clock } from '../kernel/time.ts';
import type { UsageFrontier } from '../metering/usage-frontier.ts';
import { inspectAttribution } from '../paths/attribution-path.ts';
import { CallerTurns, inTurn, STORE_TURNS } from '../paths/caller-turns.ts';
import { LimitOutlooks } from '../paths/outlook-path.ts';
import type { RequestPathParts } from '../paths/request-path.ts';
import type { AuthorizationMessages } from '../policy/authorization-message.ts';
import type { PriceBook } from '../rating/price-book.ts';
import { annotations } from '../reports/annotation.ts';
import type { CostCatalog } from '../reports/cost-catalog.ts';
import type { CostStore } from '../reports/cost-store.ts';
import type { LiveUsage } from '../reports/live-usage.ts';
import { savedViews } from '../reports/saved-view.ts';
import { anthropicOperations } from '../services/anthropic.ts';
import { bedrockOperations, invocationJobOperations, invocationLoggingOperations } from '../services/bedrock.ts';
import { bedrockRuntimeOperations } from '../services/bedrock-runtime.ts';
import { cloudTrailOperations } from '../services/cloudtrail.ts';
import { consoleOperations } from '../services/console.ts';
import { costCategoryOperations, costExplorerOperations, resourceTagOperations } from '../services/cost-explorer.ts';
import { gatewayOperations } from '../services/gateway.ts';
import { iamOperations } from '../services/iam.ts';
import { openAiOperations } from '../services/openai.ts';
import { organizationsOperations } from '../services/organizations.ts';
import { scimOperations } from '../services/scim.ts';
import { stsOperations } from '../services/sts.ts';
import { tallylineOperations } from '../services/tallyline.ts';
import type { Anomalies } from './anomalies.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { BillImports } from './bill-imports.ts';
import type { BillingCycle } from './billing-cycle.ts';
import type { Budgets } from './budgets.ts';
import type { CostThread } from './cost-thread-handle.ts';
import { diagnose } from './diagnosis.ts';
import type { Exports } from './exports.ts';
import type { ForecastThread } from './forecast-thread-handle.ts';
import type { AdmissionControl } from './hard-budgets.ts';
import { permissionCheckKey } from './invocation-log.ts';
import type { MasterKeys } from './master-keys.ts';
import type { Notices } from './notices.ts';
import type { ObjectStores } from './object-stores.ts';
import type { Reconciliations } from './reconciliations.ts';
import type { Records } from './records.ts';
import type { Statements } from './statements.ts';
import { systemStatus } from './system-status.ts';
import type { UpstreamSessions } from './upstream-sessions.ts';
import type { WhyThread } from './why-thread-handle.ts';

/** What the operations of all services work on. */
export interface OperationTableParts {
  readonly config: Config;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly managementAccountId: string;
  readonly directory: Directory;
  readonly sessions: SessionTokens;
  readonly consoleSessions: ConsoleSessions;
  readonly authorizationMessages: AuthorizationMessages;
  readonly saml: SamlVerifier;
  readonly masterKeys: MasterKeys;
  readonly trail: AuditTrail;
  readonly catalog: ModelCatalog;
  readonly router: ModelRouter;
  readonly inferenceProfiles: ApplicationInferenceProfiles;
  readonly invocationJobs: InvocationJobs;
  readonly loggingConfigurations: LoggingConfigurations;
  readonly objects: ObjectStores;
  readonly store: CostStore;
  readonly tags: TagLedger;
  readonly costCatalog: () => CostCatalog;
  readonly periods: PeriodLedger;
  readonly forecasts: ForecastThread;
  readonly explanations: WhyThread;
  readonly anomalies: Anomalies;
  readonly categories: CostCategoryRegistry;
  readonly memberships: MembershipRegistry;
  readonly reconciliations: Reconciliations;
  readonly exports: Exports;
  readonly billImports: BillImports;
  readonly budgets: Budgets;
  readonly admission: AdmissionControl;
  readonly live: LiveUsage;
  readonly billingCycle: BillingCycle;
  readonly prices: PriceBook;
  readonly notices: Notices;
  readonly statements: Statements;
  readonly upstreamSessions: UpstreamSessions;
  readonly journal: FileJournal;
  readonly frontier: UsageFrontier;
  readonly costThread: CostThread;
  readonly recordKeeping: Records;
}

/** The operations that are not metered, by service. */
export function operationTables(parts: OperationTableParts): RequestPathParts['operations'] {
  const {
    config,
    dataFolder,
    clock,
    managementAccountId,
    directory,
    sessions,
    authorizationMessages,
    saml,
    masterKeys,
    trail,
    catalog,
    router,
    inferenceProfiles,
    invocationJobs,
    loggingConfigurations,
    objects,
    store,
    tags,
    costCatalog,
    periods,
    forecasts,
    explanations,
    anomalies,
    categories,
    memberships,
    reconciliations,
    exports,
    billImports,
    budgets,
    admission,
    live,
    billingCycle,
    prices,
    notices,
    statements,
    upstreamSessions,
    journal,
    frontier,
    costThread,
    recordKeeping,
  } = parts;
  const storeTurns = new CallerTurns(STORE_TURNS);
  return {
    iam: iamOperations({ directory, random: randomBytes, saml }),
    sts: stsOperations({ directory, sessions, random: randomBytes, authorizationMessages }),
    organizations: organizationsOperations({ directory, random: randomBytes }),
    bedrock: {
      ...bedrockOperations({ catalog, inferenceProfiles, random: randomBytes }),
      ...invocationJobOperations({
        jobs: invocationJobs,
        directory,
        catalog,
        random: randomBytes,
        useBuckets: objects.use,
      }),
      ...invocationLoggingOperations({
        configurations: loggingConfigurations,
        prepare: (configuration, place) =>
          objects.prove(place, configuration.bucketName, permissionCheckKey(configuration, place)),
      }),
    },
    'bedrock-runtime': bedrockRuntimeOperations({ catalog, router }),
    openai: openAiOperations({ catalog, router, directory }),
    anthropic: anthropicOperations({ catalog, router, directory }),
    ce: {
      ...inTurn(
        storeTurns,
        costExplorerOperations({
          store,
          tags,
          costCatalog,
          managementAccountId,
          hasExtensions: config.costExplorer.extensions,
          forecast: forecasts.forecast,
          isFinalPeriod: (period) => periods.isFinal(period),
        }),
      ),
      ...anomalies.operations,
      ...costCategoryOperations({ categories, managementAccountId }),
      ...resourceTagOperations([anomalies.registry, categories]),
    },
    'bcm-data-exports': exports.operations,
    budgets: budgets.operations,
    gateway: inTurn(
      storeTurns,
      gatewayOperations({
        ...{ directory, store, costCatalog, managementAccountId },
        budgets: budgets.registry,
        hardBudgets: admission.table,
      }),
    ),
    console: consoleOperations({
      consoleSessions: parts.consoleSessions,
      registry: exports.registry,
      destination: objects.storeOf,
    }),
    scim: scimOperations({
      scim: new ScimDirectory({ records: recordKeeping.store, memberships, clock }),
      managementAccountId,
      newId: randomUUID,
    }),
    cloudtrail: cloudTrailOperations({ auditLog: trail.auditLog }),
    tallyline: tallylineOperations({
      storeTurns,
      memberships,
      businessMetrics: new BusinessMetricRegistry(recordKeeping.store),
      masterKeys,
      admission,
      live,
      budgets: budgets.registry,
      hardBudgets: admission.table,
      anomalies: anomalies.registry,
      findings: anomalies.detection.registry,
      settleFinding: (id, isUsual) => anomalies.detection.settle(id, isUsual),
      forecast: forecasts.forecast,
      explain: explanations.explain,
      outlooks: new LimitOutlooks({
        ...{ store, costCatalog, registry: budgets.registry, managementAccountId, outlook: forecasts.outlook },
        hardBudgets: () => [...admission.table.all()].map(({ budget }) => budget),
        history: admission.history,
      }),
      auditLog: trail.auditLog,
      managementAccountId,
      teamTagKey: config.console.teamTagKey,
      usageCompleteToMs: (nowMs) => frontier.completeToMs(nowMs),
      timeZone: config.console.timeZone,
      directory,
      random: randomBytes,
      keyDaysMax: config.gateway.keys.maxDays,
      catalog,
      authorizationMessages,
      store,
      costCatalog,
      tags,
      inspectAttribution: (request) => inspectAttribution(request, { directory, store, tags }),
      ...billingCycle.control,
      billImports,
      ...reconciliations.control,
      rerate: (period, apply) => {
        const rerate = () => billingCycle.control.rerate(period, apply);
        return apply ? exports.runner.between(rerate) : rerate();
      },
      newToken: randomUUID,
      savedViews: savedViews(recordKeeping.store),
      annotations: annotations(recordKeeping.store),
      tagStrategy: new TagStrategyRecord(recordKeeping.store),
      upstreams: () => router.upstreams.map((upstream) => upstream.status()),
      prices,
      notices: notices.book,
      ...statements.control(notices.book, periods),
      upstreamSessions,
      registry: exports.registry,
      runExport: (exportArn) => exports.runner.run(exportArn),
      sampleExport: (question, signal) => exports.sample(question, signal),
      systemStatus: () => systemStatus({ config, dataFolder, journal, store, costThread, records: recordKeeping }),
      diagnose: () =>
        diagnose({
          config,
          dataFolder,
          store,
          journal,
          auditLog: trail.auditLog,
          masterKeys,
          costThread,
          notices: notices.book,
          records: recordKeeping,
          directory,
          tags,
          upstreamSessions,
          router,
          clock,
        }),
    }),
  };
}
