// The command line: the only file that reads arguments and the environment. What the server consists of is loaded by the
// verbs that need it, so that the others start at once: `credentials` runs before every command of the AWS CLI.
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { closeAccount } from './cli/account/close.ts';
import { createAccount } from './cli/account/create.ts';
import { listAccounts } from './cli/account/list.ts';
import { moveAccount } from './cli/account/move.ts';
import { OrganizationsClient } from './cli/account/organizations-client.ts';
import { tagAccount } from './cli/account/tag.ts';
import { type AuditOptions, audit } from './cli/audit.ts';
import { addCharge, type ChargeOptions, listCharges } from './cli/charge.ts';
import { TallylineClient } from './cli/client.ts';
import { credentialProcess, type EndpointOptions, type ProcessOptions, serveCredentials } from './cli/credentials.ts';
import { type AttributionOptions, doctorAttribution } from './cli/doctor/attribution.ts';
import { doctor } from './cli/doctor.ts';
import { environment } from './cli/environment.ts';
import { type ExplainOptions, explain } from './cli/explain.ts';
import { runExport } from './cli/export.ts';
import { listInvoices, showInvoice } from './cli/invoice.ts';
import { dropMasterKeys, masterKeyStatus, rotateMasterKey } from './cli/master-key.ts';
import { type NoticesOptions, notices } from './cli/notices.ts';
import { closePeriod, listPeriods } from './cli/period.ts';
import { readProfile } from './cli/profile.ts';
import { collect } from './cli/repeated-option.ts';
import { type ReportOptions, report } from './cli/report.ts';
import { rerate } from './cli/rerate.ts';
import { SelfClient } from './cli/self-client.ts';
import { type SplitChargesOptions, splitCharges } from './cli/split-charges.ts';
import { type TagsOptions, tags } from './cli/tags.ts';
import { type TrustPolicyOptions, trustPolicy } from './cli/trust-policy.ts';
import { addVerbs } from './cli/verbs.ts';
import { whoamiVerb } from './cli/whoami.ts';
import { Fault } from './kernel/fault.ts';

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const print = (text: string) => void process.stdout.write(`${text}\n`);
const now = () => Date.now();
const profile = (options: { data: string }) => readProfile(resolve(options.data), process.env);
const client = (options: { data: string }) => new TallylineClient(profile(options), now);

const program = new Command('tallyline')
  .description('Who and what is driving our LLM inference spend?')
  .version('0.1.0')
  .enablePositionalOptions()
  .showHelpAfterError('(see tallyline --help)');

const verb = (name: string, description: string, parent = program) =>
  parent
    .command(name)
    .description(description)
    .option('--data <folder>', 'data folder of the server', process.env.TALLYLINE_DATA ?? './data');

verb('serve', 'start the server')
  .option('--port <port>', 'TCP port; 0 for any free one (default 4280)')
  .option('--host <address>', 'address to bind (default 127.0.0.1)')
  .option('--config <file>', 'YAML configuration')
  .action(async (options: { data: string; port?: string; host?: string; config?: string }) => {
    const { readConfig } = await import('./config.ts');
    const { serve } = await import('./app.ts');
    const config = readConfig(options.config);
    const listen = {
      ...config.listen,
      ...(options.port !== undefined && { port: readPort(options.port) }),
      ...(options.host !== undefined && { host: options.host }),
    };
    const server = await serve({ ...config, listen }, resolve(options.data), process.env, now);
    const stop = async (signal: string) => {
      process.exitCode = await server.close(signal);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
    void server.ends.then(stop);
    // Last: who reads this may signal at once.
    print(`tallyline listening on ${server.url}`);
  });

verb('env [user]', 'print the exports that point an AWS SDK or the AWS CLI here; for USER, with a new access key')
  .option('--bearer', 'with a Bedrock API key: a new one of USER, else one for twelve hours')
  .action(async (user: string | undefined, options: { data: string; bearer?: boolean }) => {
    print(await environment(profile(options), user, options.bearer ?? false, now()));
  });

const parts = { verb, program, profile, client, print, now };
addVerbs(parts);
whoamiVerb(parts, (options) => SelfClient.from(resolve(options.data), process.env, now));

const roleOptions = (command: Command) =>
  command
    .option('--role <arn>', 'role to assume (default: AWS_ROLE_ARN)')
    .option('--web-identity-token-file <file>', 'with an OIDC token (default: AWS_WEB_IDENTITY_TOKEN_FILE)')
    .option('--saml-assertion-file <file>', 'with a SAML assertion, base64 or XML; - reads standard input')
    .option('--saml-provider <arn>', 'its provider (default: the one that the assertion names)')
    .option('--source-profile <name>', "with keys of the AWS CLI's profile (default: AWS_ACCESS_KEY_ID, ...)")
    .option('--session-name <name>', 'default: AWS_ROLE_SESSION_NAME, else whom the token or the keys are about')
    .option('--session-tag <key=value>', 'pass a session tag; repeat for more', collect, [])
    .option('--transitive-tag <key>', 'a tag that stays in sessions that follow; repeat for more', collect, [])
    .option('--source-identity <name>', 'who stays named in sessions that follow')
    .option('--external-id <text>', 'what the role asks third parties for')
    .option('--duration <seconds>', 'how long the credentials last (default: one hour)')
    .option('--endpoint <url>', 'address of the server (default: TALLYLINE_ENDPOINT)')
    .option('--region <region>', 'region to sign for (default: AWS_REGION, else us-east-1)');

const credentials = roleOptions(program.command('credentials'))
  .description("print temporary credentials of a role, as the AWS SDKs' credential_process")
  .enablePositionalOptions()
  .option('--cache <file>', 'keep them in a file of yours alone until shortly before they end')
  .action((options: ProcessOptions) => credentialProcess(options, process.env, now, print));
roleOptions(credentials.command('serve'))
  .description('serve them to the containers beside it (AWS_CONTAINER_CREDENTIALS_FULL_URI)')
  .requiredOption('--authorization-token-file <file>', 'what callers must send; made when it is not there')
  .option('--port <port>', 'TCP port; 0 for any free one', '4281')
  .option('--host <address>', 'address to bind', '127.0.0.1')
  .action(async ({ port, ...options }: Omit<EndpointOptions, 'port'> & { port: string }) => {
    const warn = (text: string) => void process.stderr.write(`tallyline: ${text}\n`);
    const endpoint = await serveCredentials({ ...options, port: readPort(port) }, process.env, now, warn);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void endpoint.close());
    print(`serving credentials on ${endpoint.url}`);
  });

const reportVerb = (name: string, description: string, by: string) =>
  verb(name, description)
    .option(
      '--by <keys>',
      'group by: principal, role, session, person, tag:KEY, model, usage-type, direction, key, client, region, hour, day, ...',
      by,
    )
    .option('--every <time>', 'total, quarter-hour, hour, day or month (default total)')
    .option('--time-zone <name>', 'whose hours, days and months: Europe/Berlin (default UTC)')
    .option('--from <time>', 'start, a date of the zone or an instant (default: start of the month)')
    .option('--to <time>', 'end, exclusive (default: now)')
    .option('--last <time>', 'the last hours or days: 36h, 7d')
    .option('--month <month>', 'one month: 2026-05')
    .option('--filter <key=value>', 'keep only; repeat to narrow; KEY!=VALUE to exclude', collect, [])
    .option('--as-of <time>', 'whose structure memberships are read by: was (default), is, or a date or instant')
    .option('--top <count>', 'the highest COUNT groups, the rest summed as other')
    .option('--top-by <measure>', 'what they are the highest of (default cost)')
    .option(
      '--measure <names>',
      'cost, net-cost, list-cost, tokens, input, output, cache-read, cache-write, requests, ...',
    )
    .option('--scope <scope>', "all, team (your team's) or own (default all)")
    .option('--book <book>', 'ledger, or bill (default: what reports show)')
    .addOption(new Option('--json', 'JSON').conflicts('csv'))
    .option('--csv', 'CSV')
    .option('--sql', 'the statement itself, for a ClickHouse client')
    .action((options: ReportOptions & { data: string }) => report(client(options), options, now(), print));

reportVerb('who', 'spend by principal', 'principal');
reportVerb('what', 'spend by model and direction', 'model,direction');
reportVerb('report', 'spend by anything', 'principal');

verb('split-charges [category]', "what a cost category's split charges make of its values, month by month")
  .option('--held', 'of one month: hours of provisioned and imported models by who used them')
  .option('--from <month>', 'first month: 2026-05 (default: this month)')
  .option('--to <month>', 'last month, included (default: the first)')
  .addOption(new Option('--json', 'JSON').conflicts('csv'))
  .option('--csv', 'CSV')
  .action((category: string | undefined, options: SplitChargesOptions & { data: string }) =>
    splitCharges(client(options), category, options, now(), print),
  );

program
  .command('prices [model]')
  .description('look a price up and see where it comes from')
  .option('--region <region>')
  .option('--route <route>', 'in_region, geo or global')
  .option('--tier <tier>', 'standard, batch, flex, priority or latency_optimized')
  .option('--at <date>', 'on a day, UTC (default today)')
  .option('--config <file>', 'with the prices of a configuration')
  .option('--json', 'JSON')
  .action(async (model: string | undefined, options: Record<string, string>) => {
    const { readConfig } = await import('./config.ts');
    const { loadPriceBook, priceSettings } = await import('./app/price-data.ts');
    const { prices } = await import('./cli/prices.ts');
    const book = loadPriceBook(priceSettings(readConfig(options.config)));
    return prices({ ...options, ...(model !== undefined && { model }), nowMs: now(), book }, print);
  });

verb('rerate <period>', 'rate an open billing period again and show the difference')
  .option('--apply', 'put the result in place')
  .action((period: string, options: { data: string; apply?: boolean }) =>
    rerate(client(options), period, options.apply ?? false, print),
  );

const chargeGroup = program.command('charge').description('credits, refunds, fees and taxes on the bill');
verb('add <type> <usd>', 'charge or credit an account; TYPE is credit, refund, fee or tax', chargeGroup)
  .requiredOption('--description <text>', 'what the bill says')
  .option('--account <id>', 'account (default: the management account; of a credit that is drawn down, every account)')
  .option('--service <name>', "what it is about, as Cost Explorer names it (default: 'Amazon Bedrock')")
  .option('--period <month>', 'billing period that is still open (default: the present one)')
  .option('--tax-type <name>', 'kind of tax: VAT')
  .option('--draw-down', 'a credit that covers usage at every close until it is used up')
  .option('--last-period <month>', 'last billing period that it covers')
  .option('--token <text>', 'client token: the same charge again is made once')
  .action((type: string, usd: string, options: ChargeOptions & { data: string }) =>
    addCharge(client(options), type, usd, options, print),
  );
verb('list', 'charges, newest first, and credits with what is left of them', chargeGroup)
  .option('--period <month>', 'of one billing period')
  .action((options: { data: string; period?: string }) => listCharges(client(options), options.period, print));

const periodGroup = program.command('period').description('billing periods: open, closing, final');
verb('list', 'billing periods, newest first', periodGroup).action((options: { data: string }) =>
  listPeriods(client(options), print),
);
verb(
  'close <period>',
  'make a month that has ended final: credits are drawn, taxes added, invoices numbered',
  periodGroup,
).action((period: string, options: { data: string }) => closePeriod(client(options), period, print));

const invoiceGroup = program.command('invoice').description('what is billed, by period and seller');
verb('list', 'invoices of the latest thirteen periods', invoiceGroup)
  .option('--period <month>', 'of one billing period')
  .action((options: { data: string; period?: string }) => listInvoices(client(options), options.period, print));
verb('show <period>', 'what each account has on the invoice of a period', invoiceGroup)
  .option('--seller <name>', "AWS or 'AWS Marketplace' (default: AWS)")
  .action((period: string, options: { data: string; seller?: string }) =>
    showInvoice(client(options), period, options.seller, print),
  );

const accountGroup = program.command('account').description('accounts of the organization');

const exportVerb = program.command('export').description('data exports');
verb('run <name>', 'deliver an export now', exportVerb).action((name: string, options: { data: string }) =>
  runExport(client(options), name, print),
);

const organizations = (options: { data: string }) => new OrganizationsClient(profile(options), now);

verb('list', 'accounts of the organization', accountGroup)
  .option('--json', 'JSON')
  .action((options: { data: string; json?: boolean }) =>
    listAccounts(organizations(options), options.json ?? false, print),
  );
verb('create <name>', 'make a member account', accountGroup)
  .requiredOption('--email <address>', 'e-mail address, which no other account has')
  .option('--ou <path>', 'organizational unit, such as Workloads/Production (default: the root)')
  .option('--role <name>', 'administrator role that trusts the management account')
  .option('--tag <key=value>', 'tag; repeat for more', collect, [])
  .action(
    (name: string, options: { data: string; email: string; ou?: string; role?: string; tag: readonly string[] }) =>
      createAccount(organizations(options), { name, ...options }, print),
  );
verb('close <account>', 'close an account for good, by its id or name', accountGroup).action(
  (account: string, options: { data: string }) => closeAccount(organizations(options), account, print),
);
verb('move <account> <ou>', 'move an account to an organizational unit, or to root', accountGroup).action(
  (account: string, ou: string, options: { data: string }) => moveAccount(organizations(options), account, ou, print),
);
verb('tag <account> <key=value...>', 'tag an account; KEY alone takes the tag off', accountGroup).action(
  (account: string, tags: readonly string[], options: { data: string }) =>
    tagAccount(organizations(options), account, tags, print),
);

verb('tags [key]', 'cost allocation tags: status, last use, who switched them; of KEY, all of its history')
  .option('--json', 'as JSON')
  .option('--csv', 'as CSV')
  .action((key: string | undefined, options: { data: string } & TagsOptions) =>
    tags(client(options), key, options, print),
  );

verb('audit', 'who called what: control-plane calls and refused calls, newest first')
  .option('--from <time>', 'from this day or instant on, UTC')
  .option('--to <time>', 'until this day or instant, UTC')
  .option('--user <name>', 'by user name, role, session name, source identity, ARN or unique id')
  .option('--event <name>', 'calls of one operation: CreateUser')
  .option('--service <name>', 'calls of one service: iam, sts, bedrock, tallyline, ...')
  .option('--source <address>', 'calls from one IP address')
  .option('--access-key <id>', 'calls with one access key')
  .option('--account <id>', 'calls of one account, or of others to its roles')
  .option('--denied', 'only calls that were refused because of who called')
  .option('--limit <count>', 'how many', '50')
  .option('--json', 'whole CloudTrail records')
  .addOption(new Option('--verify', 'check that no record was changed, removed or added').conflicts(['from', 'to']))
  .action(async (options: AuditOptions & { data: string }) => {
    if (!(await audit(client(options), options, print))) process.exitCode = 1;
  });

verb('notices', 'notices about spend: sent, waiting and given up, newest first')
  .addOption(new Option('--state <state>', 'only these').choices(['pending', 'sent', 'failed']))
  .option('--limit <count>', 'how many', '50')
  .option('--json', 'whole notices with their text')
  .action((options: NoticesOptions & { data: string }) => notices(client(options), options, print));

const masterKeyGroup = program.command('master-key').description('the key that seals secrets and session tokens');
const masterKeyVerb = (name: string, description: string) =>
  masterKeyGroup
    .command(name)
    .description(description)
    .option('--data <folder>', 'data folder of the server', process.env.TALLYLINE_DATA ?? './data');

masterKeyVerb('status', 'which key seals, and which previous ones still open').action((options: { data: string }) =>
  masterKeyStatus(client(options), print),
);
masterKeyVerb('rotate', 'put a new key in the file and seal everything anew').action((options: { data: string }) =>
  rotateMasterKey(client(options), print),
);
masterKeyVerb('drop', 'forget the previous keys, once no session needs them')
  .option('--now', 'end the sessions that were issued under them')
  .action((options: { data: string; now?: boolean }) => dropMasterKeys(client(options), options.now ?? false, print));

const doctorVerb = verb('doctor', 'check the installation and say what to do')
  .option('--json', 'JSON')
  .action(async (options: { data: string; json?: boolean }) => {
    if (!(await doctor(client(options), options.json ?? false, print))) process.exitCode = 1;
  });
doctorVerb
  .command('attribution')
  .description('find every way in which a caller could spend in the name of another')
  .option('--data <folder>', 'data folder of the server (default: as for doctor)')
  .option('--account <id>', "an account (default: the caller's)")
  .option('--role <name>', 'one role alone')
  .option(
    '--require-tag <key>',
    'all spend must carry it; repeat for more (default: active cost allocation tags)',
    collect,
    [],
  )
  .option('--json', 'JSON')
  .action(async (own: AttributionOptions & { data?: string }) => {
    const options = { ...doctorVerb.opts<{ data: string; json?: boolean }>(), ...own };
    if (!(await doctorAttribution(client(options), options, print))) process.exitCode = 1;
  });

verb('explain [principal] [action] [resource]', 'say what policies decide about a request, and why')
  .option('--context <key=value>', 'a condition key of the request; repeat for more', collect, [])
  .option('--session-name <name>', 'name of the session, for a role')
  .option('--session-tag <key=value>', 'tag of the session, for a role; repeat for more', collect, [])
  .option('--source-identity <name>', 'source identity of the session')
  .option('--message <encoded>', 'say why a request was denied, from the message of its answer')
  .option('--json', 'JSON')
  .action(
    async (
      principal: string | undefined,
      action: string | undefined,
      resource: string | undefined,
      options: ExplainOptions & { data: string },
    ) => {
      const isAllowed = await explain(client(options), { principal, action, resource }, options, print);
      if (!isAllowed) process.exitCode = 1;
    },
  );

program
  .command('trust-policy <shape>')
  .description('print a trust policy under which callers cannot choose another name or tag')
  .summary('print a tamper-proof trust policy')
  .addHelpText(
    'after',
    '\nShapes: user, application, service, oidc, github-actions, kubernetes, cognito, saml, gateway, identity-center',
  )
  .option('--account <id>', 'account of the users, the provider or the service')
  .option('--principal <arn>', 'who may assume the role; repeat for more', collect, [])
  .option('--provider <url>', 'OIDC provider by URL or ARN, SAML provider by name or ARN')
  .option('--audience <text>', 'who the token must be for')
  .option('--subject <pattern>', 'whom the token must be about; * and ? are wildcards')
  .option('--require-tag <key[=value,...]>', 'every session has this tag; repeat for more', collect, [])
  .option('--allow-tag <key[=value,...]>', 'a session may have this tag; repeat for more', collect, [])
  .option('--transitive', 'required tags stay in every session that follows from this one')
  .option('--source-identity', 'sessions name the person behind them for good')
  .option('--external-id <text>', 'what a third party has to present')
  .option('--session-name <pattern>', 'username, sub, source-identity, or a pattern; * and ? are wildcards')
  .option('--permissions-for <role-arn>', 'gateway: the permission policy of the gateway instead')
  .action((shape: string, options: TrustPolicyOptions) => print(trustPolicy(shape, options)));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  process.stderr.write(`tallyline: ${error.message}\n`);
  process.exitCode = 1;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new Fault('ConfigInvalid', `--port \`${text}\` is not a port: use 0 to 65535`);
  return port;
}
