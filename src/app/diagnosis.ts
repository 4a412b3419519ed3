import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileAuditLog } from '../adapters/file-audit-log.ts';
import type { FileJournal } from '../adapters/file-journal.ts';
import type { TagLedger } from '../allocation/tag-ledger.ts';
import { profileFiles } from '../cli/profile.ts';
import type { Config } from '../config.ts';
import type { Directory } from '../identity/directory.ts';
import type { ModelRouter } from '../inference/model-router.ts';
import type { UpstreamStatus } from '../inference/upstream.ts';
import { wireTagKey } from '../kernel/billing-tag-key.ts';
import type { Clock } from '../kernel/time.ts';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs } from '../kernel/time.ts';
import type { NoticeBook } from '../notices/notice-book.ts';
import { inspectAttribution } from '../paths/attribution-path.ts';
import { LINE_ITEM_TABLE, USAGE_EVENT_TABLE } from '../reports/cost-schema.ts';
import type { CostStore } from '../reports/cost-store.ts';
import { attributionGaps, billedCalls } from '../reports/upstream-attribution.ts';
import type { Check } from '../services/tallyline.ts';
import type { CostThread } from './cost-thread-handle.ts';
import type { MasterKeys } from './master-keys.ts';
import type { Records } from './records.ts';
import type { UpstreamSessions } from './upstream-sessions.ts';

export interface DiagnosisParts {
  readonly config: Config;
  readonly dataFolder: string;
  readonly store: CostStore;
  readonly journal: FileJournal;
  readonly auditLog: FileAuditLog;
  readonly masterKeys: MasterKeys;
  readonly costThread: CostThread;
  readonly notices: NoticeBook;
  readonly directory: Directory;
  readonly tags: TagLedger;
  readonly records: Pick<Records, 'liveNodes' | 'leadership'>;
  readonly upstreamSessions: UpstreamSessions;
  readonly router: ModelRouter;
  readonly clock: Clock;
}

const LOW_DISK_BYTES = 1024 ** 3;

/** Looks at the installation from the inside; each finding says what to do. */
export async function diagnose(parts: DiagnosisParts): Promise<readonly Check[]> {
  return [
    checkDisk(parts),
    checkProfileMode(parts),
    checkJournal(parts),
    checkAuditLog(parts),
    checkMasterKeys(parts),
    checkNotices(parts),
    await checkNodes(parts),
    await checkStore(parts),
    await checkUnpriced(parts),
    await checkInterrupted(parts),
    await checkTags(parts),
    await checkAttribution(parts),
    checkExposure(parts),
    checkUpstreams(parts),
    await checkBilledNames(parts),
  ];
}

function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail, advice: '' };
}

function checkDisk({ dataFolder }: DiagnosisParts): Check {
  const { bavail, bsize } = statfsSync(dataFolder);
  const freeBytes = bavail * bsize;
  const detail = `${(freeBytes / LOW_DISK_BYTES).toFixed(1)} GiB free for the data folder`;
  if (freeBytes >= LOW_DISK_BYTES) return ok('disk', detail);
  return { name: 'disk', status: 'warning', detail, advice: 'free some space: without it new requests are refused' };
}

function checkProfileMode({ dataFolder }: DiagnosisParts): Check {
  const files = [profileFiles(dataFolder).credentials, join(dataFolder, 'directory.sqlite')];
  const open = files.filter((file) => (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077);
  if (open.length === 0) return ok('file modes', 'secrets are readable by their owner alone');
  const advice = `run \`chmod 600 ${open.join(' ')}\``;
  return { name: 'file modes', status: 'failed', detail: 'files with secrets are readable by others', advice };
}

function checkJournal({ journal, config, costThread }: DiagnosisParts): Check {
  const detail = `durability ${config.durability}, ${journal.openRequests} requests in flight`;
  if (costThread.trouble === undefined) return ok('journal', detail);
  const advice = 'nothing is lost: usage waits in the journal until the cost store takes it';
  return { name: 'journal', status: 'warning', detail: `${detail}; not shipping: ${costThread.trouble}`, advice };
}

function checkAuditLog({ auditLog, config }: DiagnosisParts): Check {
  const { retentionDays } = config.audit;
  const kept = retentionDays === undefined ? 'kept for ever' : `kept for ${retentionDays} days`;
  if (auditLog.trouble === undefined) return ok('audit log', kept);
  const advice = 'free some space, or repair the folder `audit`: nothing can be changed until it can be written';
  return { name: 'audit log', status: 'failed', detail: auditLog.trouble, advice };
}

function checkMasterKeys({ masterKeys, clock }: DiagnosisParts): Check {
  const { keyId, source, previous, sealedUnderPrevious } = masterKeys.status();
  const detail = `${keyId}, from ${source}`;
  if (sealedUnderPrevious > 0) {
    const advice = 'restore the master key that they need, and restart';
    const text = `${detail}; ${sealedUnderPrevious} secrets need another key`;
    return { name: 'master key', status: 'failed', detail: text, advice };
  }
  // When those in the configuration were replaced is not known.
  const isUnneeded = (neededUntilMs = Number.POSITIVE_INFINITY) => neededUntilMs <= clock();
  const unneeded = previous.filter(({ neededUntilMs }) => isUnneeded(neededUntilMs)).map(({ keyId: id }) => id);
  if (unneeded.length === 0) return ok('master key', detail);
  const advice = 'run `tallyline master-key drop`';
  return {
    name: 'master key',
    status: 'warning',
    detail: `${detail}; not needed any more: ${unneeded.join(', ')}`,
    advice,
  };
}

/** Those that could not be sent, whether they are tried again or were given up. */
function checkNotices({ notices }: DiagnosisParts): Check {
  const all = notices.list();
  const failing = all.filter(({ failure }) => failure !== undefined);
  if (failing.length === 0) return ok('notices', `${all.length} on record, none failed`);
  const detail = `${failing.length} could not be sent, the last one because ${failing[0]!.failure}`;
  return { name: 'notices', status: 'warning', detail, advice: 'see them with `tallyline notices`' };
}

async function checkNodes({ config, records }: DiagnosisParts): Promise<Check> {
  if (!records.liveNodes) return ok('nodes', 'one node');
  let nodes: readonly string[];
  try {
    nodes = await records.liveNodes();
  } catch (error) {
    const advice = 'calls go on with what is in memory, nothing can be changed: bring the directory database back';
    return { name: 'nodes', status: 'failed', detail: (error as Error).message, advice };
  }
  const leads = records.leadership.isLeader ? 'this one leads' : 'another one leads';
  const detail = `${nodes.length === 1 ? 'one node is' : `${nodes.length} nodes are`} alive, ${leads}`;
  if (nodes.length === 1 || config.costStore) return ok('nodes', detail);
  const advice = 'every node has a cost store of its own and reports show a part: give all the same `costStore`';
  return { name: 'nodes', status: 'failed', detail, advice };
}

async function checkStore({ store, config }: DiagnosisParts): Promise<Check> {
  const where = config.costStore ? config.costStore.url : 'embedded';
  try {
    const sql = `SELECT count() AS events FROM ${USAGE_EVENT_TABLE}`;
    const [row] = await store.query<{ events: string }>({ sql, params: {} });
    return ok('cost store', `${where}, ${row?.events ?? 0} requests`);
  } catch (error) {
    const advice = config.costStore
      ? 'check the URL and credentials of `costStore`'
      : 'it is started again by itself; see the log';
    return { name: 'cost store', status: 'failed', detail: `${where}: ${(error as Error).message}`, advice };
  }
}

async function checkUnpriced({ store, clock }: DiagnosisParts): Promise<Check> {
  const rows = await quietly(
    store.query<{ model_id: string; pieces: string }>({
      sql: `SELECT model_id, sum(quantity) AS pieces FROM ${LINE_ITEM_TABLE}
        WHERE is_unpriced = 1 AND bucket_start >= fromUnixTimestamp64Milli({from:Int64}) GROUP BY model_id ORDER BY model_id LIMIT 20`,
      params: { from: billingPeriodStartMs(billingPeriodOf(clock())) },
    }),
  );
  if (rows.length === 0) return ok('prices', 'all usage of this month has a price');
  const detail = rows.map(({ model_id, pieces }) => `${pieces} of ${model_id}`).join(', ');
  const advice = 'add `prices` for these models to the configuration, then run `tallyline rerate`';
  return { name: 'prices', status: 'warning', detail: `unpriced this month: ${detail}`, advice };
}

async function checkInterrupted({ store, clock }: DiagnosisParts): Promise<Check> {
  const [row] = await quietly(
    store.query<{ events: string }>({
      sql: `SELECT count() AS events FROM ${USAGE_EVENT_TABLE}
        WHERE status = 'interrupted' AND admitted_at >= fromUnixTimestamp64Milli({from:Int64})`,
      params: { from: billingPeriodStartMs(billingPeriodOf(clock())) },
    }),
  );
  if (!row || row.events === '0') return ok('interrupted requests', 'none this month');
  const advice = 'list them with `tallyline requests --status interrupted`; their input is estimated';
  return { name: 'interrupted requests', status: 'warning', detail: `${row.events} this month`, advice };
}

async function checkTags({ tags }: DiagnosisParts): Promise<Check> {
  await quietly(tags.discover().then(() => []));
  const listed = tags.listed();
  const inactive = listed.filter(({ status }) => status === 'Inactive').map(({ key }) => wireTagKey(key));
  if (inactive.length === 0) return ok('cost allocation tags', `${listed.length} keys seen, all active`);
  const advice = 'activate them with `aws ce update-cost-allocation-tags-status` to see them in reports';
  return {
    name: 'cost allocation tags',
    status: 'warning',
    detail: `seen but not active: ${inactive.join(', ')}`,
    advice,
  };
}

/** All accounts; the findings themselves are for `tallyline doctor attribution`. */
async function checkAttribution({ directory, store, tags, clock }: DiagnosisParts): Promise<Check> {
  const counts = { high: 0, medium: 0, low: 0 };
  for (const { id: accountId } of directory.accounts()) {
    const { findings } = await inspectAttribution({ accountId, nowMs: clock() }, { directory, store, tags });
    for (const { severity } of findings) counts[severity]++;
  }
  const detail = `${counts.high} high, ${counts.medium} medium, ${counts.low} low findings`;
  if (counts.high + counts.medium === 0) return ok('attribution', detail);
  const advice = 'see them and what ends them with `tallyline doctor attribution`';
  return { name: 'attribution', status: 'warning', detail, advice };
}

function checkExposure({ config: { listen } }: DiagnosisParts): Check {
  const isLoopback = listen.host === '127.0.0.1' || listen.host === '::1' || listen.host === 'localhost';
  if (isLoopback || listen.tls) return ok('listener', `${listen.host}${listen.tls ? ' with TLS' : ', loopback only'}`);
  const advice = 'set `listen.tls`, or put a TLS proxy that keeps the Host header in front';
  return { name: 'listener', status: 'warning', detail: `${listen.host} without TLS`, advice };
}

function checkUpstreams({ config: { upstreams }, router }: DiagnosisParts): Check {
  const failing = router.upstreams.map((upstream) => upstream.status()).filter(isFailing);
  if (failing.length > 0) {
    const detail = failing
      .map(({ name, lastFailure }) => `${name} fails: ${lastFailure?.message ?? 'no answer'}`)
      .join('; ');
    return { name: 'upstreams', status: 'warning', detail, advice: 'see them with `tallyline upstreams`' };
  }
  if (upstreams?.some(({ type }) => type !== 'simulated')) {
    return ok('upstreams', upstreams.map(({ name, type }) => `${name} (${type})`).join(', '));
  }
  const advice = 'name real ones under `upstreams` in the configuration';
  return { name: 'upstreams', status: 'warning', detail: 'models are simulated', advice };
}

/** Whether the bills of upstreams name who calls. */
async function checkBilledNames(parts: DiagnosisParts): Promise<Check> {
  const { config, store, upstreamSessions, clock } = parts;
  const { billing, directory } = upstreamSessions;
  const found = (detail: string, advice: string): Check => ({ name: 'bill of AWS', status: 'warning', detail, advice });
  if (billing.length === 0) return ok('bill of AWS', 'no upstream is Amazon Bedrock');
  const collapsing = (config.upstreams ?? []).filter((one) => one.type === 'bedrock' && !one.session);
  if (collapsing.length > 0) {
    const through = collapsing.map(({ name }) => name).join(', ');
    const detail = `your AWS bill will show one principal for everybody who calls through ${through}`;
    return found(detail, 'set `upstreams.session`: see docs/GATEWAY.md');
  }
  if (directory.isNearlyFull) {
    const advice =
      'see with `tallyline sessions` which roles have sessions of a new name each time, and give them names that last';
    return found('nearly as many session names are in use as are kept', advice);
  }
  const period = billingPeriodOf(clock());
  const range = { startMs: billingPeriodStartMs(period), endMs: billingPeriodEndMs(period) };
  const [answer] = await quietly(billedCalls(store, range, billing).then((calls) => [calls]));
  const calls = answer?.calls ?? [];
  const gaps = new Set(attributionGaps(calls).map(({ principalArn }) => principalArn));
  if (gaps.size > 0) {
    const detail = `it does not name ${gaps.size} ${gaps.size === 1 ? 'principal' : 'principals'} who called this month`;
    return found(detail, 'see who and why with `tallyline sessions check`');
  }
  const callers = new Set(calls.map(({ principalArn }) => principalArn));
  return ok('bill of AWS', `it should name all ${callers.size} principals who called this month`);
}

function isFailing({ state, failingModels }: UpstreamStatus): boolean {
  return state !== 'closed' || failingModels.length > 0;
}

/** A store that is down has its own finding; the others then have nothing to say. */
async function quietly<Row>(rows: Promise<Row[]>): Promise<Row[]> {
  try {
    return await rows;
  } catch {
    return [];
  }
}
