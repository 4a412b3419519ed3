import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { HttpServer } from './adapters/http-server.ts';
import { OidcTokenVerifier } from './adapters/oidc-token-verifier.ts';
import { timerWait } from './adapters/timer-wait.ts';
import { XmlSamlVerifier } from './adapters/xml-saml-verifier.ts';
import { CostCategoryRegistry } from './allocation/cost-category-registry.ts';
import { MembershipRegistry } from './allocation/membership-registry.ts';
import { TagLedger } from './allocation/tag-ledger.ts';
import { Anomalies } from './app/anomalies.ts';
import { AuditTrail } from './app/audit-trail.ts';
import { Batches } from './app/batches.ts';
import { BillImports } from './app/bill-imports.ts';
import { BillingCycle, openPeriods } from './app/billing-cycle.ts';
import { bootstrapProfile } from './app/bootstrap-profile.ts';
import { Budgets } from './app/budgets.ts';
import { openConsole } from './app/console.ts';
import { openEngine } from './app/cost-engine.ts';
import { makeDataFolder } from './app/data-folder.ts';
import { Exports } from './app/exports.ts';
import { federationTable } from './app/federation.ts';
import { ForecastThread } from './app/forecast-thread-handle.ts';
import { openAdmission } from './app/hard-budgets.ts';
import { heldModels } from './app/held-models.ts';
import { InvocationLog } from './app/invocation-log.ts';
import { openLedger } from './app/ledger.ts';
import { LiveWatch } from './app/live-watch.ts';
import { LogImports } from './app/log-imports.ts';
import { MasterKeys } from './app/master-keys.ts';
import { Notices } from './app/notices.ts';
import { openObjectStores } from './app/object-stores.ts';
import { oidcTokens } from './app/oidc-tokens.ts';
import { operationTables } from './app/operation-tables.ts';
import { bringAboutOrganization } from './app/organization.ts';
import { loadCatalog, loadPriceBook, priceSettings } from './app/price-data.ts';
import { probe } from './app/probe.ts';
import { Reconciliations } from './app/reconciliations.ts';
import { openRecords } from './app/records.ts';
import { Statements } from './app/statements.ts';
import { readCertificates, readTls } from './app/tls.ts';
import { UpstreamSessions } from './app/upstream-sessions.ts';
import { buildRouter } from './app/upstreams.ts';
import { UseWriter } from './app/use-writer.ts';
import { WhyThread } from './app/why-thread-handle.ts';
import { InvocationJobs } from './batches/invocation-jobs.ts';
import type { Config } from './config.ts';
import { Directory } from './identity/directory.ts';
import { SessionTokens } from './identity/session-token.ts';
import { ApplicationInferenceProfiles } from './inference/application-inference-profile.ts';
import { LoggingConfigurations } from './invocations/logging-configurations.ts';
import { NO_TAGS, sortedTagPairs } from './kernel/tags.ts';
import { type Clock, DAY_MS } from './kernel/time.ts';
import { WatchedJournal } from './metering/watched-journal.ts';
import { answer, type RequestPathParts, refuse } from './paths/request-path.ts';
import { AuthorizationMessages } from './policy/authorization-message.ts';
import { BILLING_REGIONS } from './rating/billing-region.ts';
import { categoriesFit } from './reports/category-size.ts';
import type { CostCatalog } from './reports/cost-catalog.ts';
import { meteredRequests } from './reports/metered-requests.ts';
import { tagKeyUsage } from './reports/tag-usage.ts';
import { ANTHROPIC_INFERENCE } from './services/anthropic.ts';
import { BEDROCK_AGENT_RUNTIME_INFERENCE } from './services/bedrock-agent-runtime.ts';
import { BEDROCK_RUNTIME_INFERENCE } from './services/bedrock-runtime.ts';
import { OPENAI_INFERENCE } from './services/openai.ts';
import { SigningKeyCache } from './wire/sigv4.ts';

export interface Server {
  readonly url: string;
  /** Resolves with the reason when the server must be closed, and started anew: another node does its background work. */
  readonly ends: Promise<string>;
  /** Answers what is in flight, makes everything durable, ships it, and ends. Resolves with the exit code. */
  readonly close: (reason: string) => Promise<number>;
}

/** Requests in flight get this long to end when the server stops; then their connections are closed. */
const DRAIN_MS = 30_000;
/** What is durable gets this long to reach the store; the rest is shipped at the next start. */
const SHIP_MS = 20_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Builds everything and starts to listen. Throws a Fault that says why it cannot, with nothing left running. */
export async function serve(
  config: Config,
  dataFolder: string,
  environment: Environment,
  clock: Clock,
): Promise<Server> {
  const begun = new AsyncDisposableStack();
  try {
    return await start(config, dataFolder, environment, clock, begun);
  } catch (error) {
    await begun.disposeAsync();
    throw error;
  }
}

/** No logic: what happens to a request is in `paths/`. What must end when a later step fails is noted in `begun`. */
async function start(
  config: Config,
  dataFolder: string,
  environment: Environment,
  clock: Clock,
  begun: AsyncDisposableStack,
): Promise<Server> {
  const log = pino({ level: config.logLevel }, pino.destination(2));
  makeDataFolder(dataFolder);

  const onTrouble = (message: string) => log.error(message);
  const recordKeeping = await openRecords({ config, dataFolder, environment, clock, onTrouble });
  begun.defer(() => recordKeeping.close());
  const records = recordKeeping.store;
  const masterKeys = await MasterKeys.open({ config, dataFolder, environment, records, clock });
  const secretBox = masterKeys.box;
  const directory = new Directory(records, secretBox);
  const sessions = new SessionTokens(secretBox);
  const authorizationMessages = new AuthorizationMessages(secretBox);
  const webConsole = openConsole({
    ...{ config, environment, box: secretBox, directory, sessions, clock, requestPath: () => parts },
  });
  begun.defer(() => webConsole.close());
  const webIdentities = new OidcTokenVerifier({
    clock,
    ...readCertificates(config.federation.caFile),
    onTrouble: (message) => log.warn(message),
  });
  begun.defer(() => webIdentities.close());
  masterKeys.onDrop(() => sessions.forgetOpened());
  const { resealed, unopened } = await masterKeys.reseal();
  if (resealed > 0) log.info(`sealed ${resealed} secrets anew under the current master key`);
  if (unopened > 0) log.error(`no master key here opens ${unopened} secrets`);
  const trail = await AuditTrail.open({ config, dataFolder, records, secretBox, clock, log });
  begun.defer(() => trail.close());
  const statements = new Statements(records);
  begun.defer(() => statements.close());
  const notices = new Notices({
    ...{ config: config.notices, environment, records, clock, onTrouble, attachmentOf: statements.attachmentOf },
  });
  begun.defer(() => notices.stop());
  const saml = new XmlSamlVerifier();
  const inferenceProfiles = new ApplicationInferenceProfiles(records);
  const held = heldModels(config.heldModels);
  const catalog = loadCatalog(config.models ?? [], inferenceProfiles, held);
  const prices = loadPriceBook(priceSettings(config));
  const upstreamSessions = new UpstreamSessions(config, records, clock, (message) => log.error(message));
  const router = buildRouter(config, catalog, {
    ...{ environment, defaultRegion: config.region, clock, sessions: upstreamSessions },
    isManagementAccount: (accountId) => directory.account(accountId)?.isManagement ?? false,
    onTrouble: (message) => log.error(message),
  });

  const { engine, store, bills } = await openEngine(config, dataFolder, environment, onTrouble);
  begun.defer(() => engine.close());
  begun.defer(() => store.close());
  const delayMs = config.billing.awsDelays ? DAY_MS : 0;
  const tags = new TagLedger({
    records,
    clock,
    usedKeys: () => tagKeyUsage(store),
    discoveryDelayMs: delayMs,
    activationDelayMs: delayMs,
    backfillDelayMs: delayMs,
  });

  const periods = await openPeriods(records, store, clock);
  const { journal, costThread, frontier, usageArrivedAtMs } = await openLedger(
    { config, dataFolder, engine, periods, tags, clock, log },
    begun,
  );

  const profile = await bootstrapProfile({ directory, config, dataFolder, clock, random: randomBytes });
  await bringAboutOrganization(directory, config.organization, { nowMs: clock(), random: randomBytes });
  const categories = new CostCategoryRegistry({
    ...{ records, clock, newId: randomUUID, processingDelayMs: delayMs },
    fits: (all, atMs) => categoriesFit({ ...costCatalog(), categories: all }, atMs),
  });
  const memberships = new MembershipRegistry({ records, clock });
  const reconciliations = new Reconciliations({
    ...{ config, records, store, clock, onTrouble, outbox: notices.book },
    ...{ managementAccountId: profile.managementAccountId, importedPeriods: () => billImports.ledger.periods() },
    importedLogs: () => billImports.ledger.logs(),
  });
  const costCatalog = (): CostCatalog => ({
    tags: tags.all(),
    categories: categories.catalog(),
    ...billImports.catalog(directory.accounts()),
    models: prices.models,
    memberships: { structures: memberships.structures(), nowMs: clock() },
    reconciled: reconciliations.reconciled(),
  });
  const billImports = new BillImports({
    ...{ config, dataFolder, environment, records, bills, store, clock, onTrouble },
    models: () => prices.models.values(),
    logs: new LogImports({ catalog, directory, journal, costThread, store, clock, periods, recordKeeping }),
  });
  billImports.onImported((imported) => void reconciliations.onImported(imported));
  const liveWatch = new LiveWatch({ clock, prices, countsPrompts: config.detection.enabled });
  const anomalies = new Anomalies({
    ...{ config, records, store, costCatalog, outbox: notices.book, clock, repeatsOf: liveWatch.prompts.repeatsOf },
    ...{ bills: billImports, usageArrivedAtMs, managementAccountId: profile.managementAccountId },
    accountName: (id) => directory.account(id)?.name,
    onFailure: (arn, error) => log.error({ arn, error: String(error) }, 'anomaly monitor or subscription failed'),
  });
  billImports.onImported(({ callsFromMs }) => anomalies.detection.lookAgain(callsFromMs));
  const billingCycle = new BillingCycle({
    ...{ settings: config.billing, managementAccountId: profile.managementAccountId },
    ...{ periods, records, store, costThread, clock, prices, heldModels: [...held.values()] },
    accountTagsOf: (accountId) => sortedTagPairs(directory.account(accountId)?.tags ?? NO_TAGS),
    onTrouble: (message) => log.error(`billing: ${message}`),
  });
  const { managementAccountId } = profile;
  const objects = await openObjectStores(config.exports, dataFolder, environment, records, managementAccountId);
  const exports = Exports.open({
    ...{ config: config.exports, objects, records, store, clock, firstDeliveryDelayMs: delayMs },
    bill: () => ({
      payerAccountId: profile.managementAccountId,
      ...costCatalog(),
      modelOf: (modelId) => prices.model(modelId),
      ...billingCycle.facts,
    }),
    onFailure: (exportArn, error) => log.error({ exportArn, error: String(error) }, 'export failed'),
  });
  const forecasts = new ForecastThread((message) => log.error(message));
  begun.defer(() => forecasts.close());
  const explanations = new WhyThread(engine, priceSettings(config), onTrouble);
  const budgets = new Budgets({
    ...{ records, store, costCatalog, outbox: notices.book, directory, auditLog: trail.auditLog },
    managementAccountId: profile.managementAccountId,
    ...{ forecast: forecasts.forecast, refreshSeconds: config.budgets.refreshSeconds, clock, onTrouble },
  });
  const shipped = () => costThread.ship();
  const admission = await openAdmission(config, {
    ...{
      records,
      nodeId: recordKeeping.nodeId,
      isShared: recordKeeping.liveNodes !== undefined,
      prices,
      clock,
      onTrouble,
    },
    ...{ outbox: notices.book, managementAccountId: profile.managementAccountId, store },
    shipped,
  });
  begun.defer(() => admission.stop());
  const useWriter = new UseWriter(directory);
  const invocationJobs = new InvocationJobs(records);
  const loggingConfigurations = new LoggingConfigurations(records);
  const invocationLog = new InvocationLog({
    ...{ settings: config.invocationLog, configurations: loggingConfigurations, storeOf: objects.storeOf },
    ...{ modelOf: (modelId) => catalog.model(modelId), clock, onTrouble },
  });

  const parts: RequestPathParts = {
    clock,
    directory,
    sessions,
    signingKeys: new SigningKeyCache(),
    regions: BILLING_REGIONS,
    defaultRegion: config.region,
    ...oidcTokens(config.gateway, webIdentities),
    consoleSessions: webConsole.consoleSessions,
    catalog,
    router,
    wait: timerWait,
    chance: Math.random,
    journal: new WatchedJournal(journal, [frontier, invocationLog, liveWatch]),
    invocationLog,
    spendGate: liveWatch.watchingGate(admission.gate),
    newRequestId: randomUUID,
    authorizationMessages,
    auditLog: trail.auditLog,
    refusals: trail.refusals,
    newEventId: randomUUID,
    managementAccountId: profile.managementAccountId,
    inference: {
      'bedrock-runtime': BEDROCK_RUNTIME_INFERENCE,
      'bedrock-agent-runtime': BEDROCK_AGENT_RUNTIME_INFERENCE,
      openai: OPENAI_INFERENCE,
      anthropic: ANTHROPIC_INFERENCE,
    },
    federation: federationTable({
      ...{ config, directory, sessions, authorizationMessages, webIdentities, saml, signIn: webConsole.signIn },
    }),
    operations: operationTables({
      ...{ config, dataFolder, clock, directory, sessions, authorizationMessages, saml, masterKeys, trail },
      ...{ catalog, router, consoleSessions: webConsole.consoleSessions, inferenceProfiles, invocationJobs },
      ...{
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
      },
      ...{
        memberships,
        reconciliations,
        exports,
        billImports,
        budgets,
        admission,
        live: liveWatch.usage,
        billingCycle,
        prices,
      },
      ...{ notices, statements, upstreamSessions, journal, frontier, costThread, recordKeeping },
      managementAccountId: profile.managementAccountId,
    }),
    onBug: (error, requestId) => log.error({ requestId, err: error }, 'bug'),
    onAnswer: ({ requestId, status, operation, principalArn }) => {
      if (log.isLevelEnabled('debug')) log.debug({ requestId, status, operation, principalArn }, 'answered');
    },
  };

  const batches = new Batches({
    ...{ ...parts, ...config.batches, jobs: invocationJobs, storeOf: objects.storeOf, onTrouble },
    batchGate: admission.gate,
    metered: async (requestIds) => {
      await shipped();
      return await meteredRequests(store, requestIds);
    },
  });

  const http = new HttpServer({
    host: config.listen.host,
    port: config.listen.port,
    ...readTls(config.listen.tls),
    clock,
    handle: (request) => {
      const found = probe(request, () => costThread.trouble === undefined) ?? webConsole.files.answer(request);
      return found ? Promise.resolve(found) : answer(request, parts);
    },
    refuse: (request, fault) => refuse(request, fault, randomUUID(), parts),
  });
  const port = await http.listen();
  const scheme = config.listen.tls ? 'https' : 'http';
  const url = `${scheme}://${config.listen.host.includes(':') ? `[${config.listen.host}]` : config.listen.host}:${port}`;
  profile.write(url);
  useWriter.start();
  invocationLog.start();
  upstreamSessions.start();
  admission.start();
  trail.start();
  const ends = Promise.withResolvers<string>();
  const workBeside = () => {
    billingCycle.start();
    void exports.start();
    budgets.start();
    anomalies.start();
    billImports.start();
    notices.start();
    batches.start();
    void reconciliations.start();
  };
  await recordKeeping.started();
  recordKeeping.leadership.seek(workBeside, ends.resolve);

  return {
    url,
    ends: ends.promise,
    close: async (reason) => {
      log.info(`${reason}: draining`);
      await billingCycle.stop();
      await anomalies.stop();
      await billImports.stop();
      await reconciliations.stop();
      await http.close(DRAIN_MS);
      await journal.settled(DRAIN_MS);
      await batches.stop();
      await invocationLog.stop();
      await admission.stop();
      await exports.close();
      await budgets.stop();
      await forecasts.close();
      await explanations.close();
      await notices.stop();
      await statements.close();
      await router.close();
      await webIdentities.close();
      await webConsole.close();
      await journal.close();
      await costThread.close(SHIP_MS);
      await store.close();
      await engine.close();
      await trail.close();
      await useWriter.stop();
      await upstreamSessions.stop();
      await recordKeeping.close();
      log.info('stopped');
      return 0;
    },
  };
}
