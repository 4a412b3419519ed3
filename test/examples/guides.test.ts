import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadCatalog, loadPriceBook, priceSettings } from '../../src/app/price-data.ts';
import { buildRouter } from '../../src/app/upstreams.ts';
import schema from '../../src/config/config.schema.json' with { type: 'json' };
import { type Config, readConfig } from '../../src/config.ts';
import { CUR_COLUMNS } from '../../src/reports/cur-columns.ts';
import { MAIN, removeFolders, temporaryFolder } from '../server.ts';
import { UPSTREAM_PARTS } from '../upstream-parts.ts';
import { fencedBlocks, GUIDES, guide, ROOT } from './guide.ts';

afterAll(removeFolders);

describe.each(GUIDES)('docs/%s', (name) => {
  it('shows only configurations that a server takes', () => {
    const file = join(temporaryFolder('guide'), 'tallyline.yaml');
    for (const yaml of fencedBlocks(name, 'yaml')) {
      writeFileSync(file, yaml);
      expect(() => assemble(readConfig(file)), yaml).not.toThrow();
    }
  });

  it('shows only commands and options that exist', () => {
    for (const { verb, flags } of documentedCommands(name)) {
      const help = helpOf(verb);
      for (const flag of flags) expect(help, `tallyline ${verb} ${flag}`).toMatch(new RegExp(`${flag}\\b`));
    }
  });

  it('links to files that exist', () => {
    const links = [...guide(name).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target ?? '');
    const missing = links.filter((target) => !existsSync(join(ROOT, dirname(join('docs', name)), target)));
    expect(missing).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...guide(name).matchAll(/npm run ([a-z:]+)/g)].map(([, script]) => script ?? '');
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });
});

describe('references', () => {
  it('name every member of the configuration in OPERATING.md', () => {
    const text = guide('OPERATING.md');
    expect(leavesOf(schema as unknown as SchemaNode).filter((member) => !text.includes(`\`${member}\``))).toEqual([]);
  });

  it('name every CUR 2.0 column that is filled in FINOPS.md, and no other as filled', () => {
    const text = guide('FINOPS.md');
    const table = text.slice(text.indexOf('### Columns that are filled'), text.indexOf('`line_item_operation` is'));
    const named = [...table.matchAll(/`([a-z]+(?:_[a-z_]+)?)`/g)].map(([, column]) => column);
    const filled = CUR_COLUMNS.filter(({ sql }) => sql !== undefined).map((column) => column.name);
    expect([...new Set(named)].sort()).toEqual([...filled].sort());
  });

  it('keep the annotated example valid', () => {
    const config = readConfig(join(ROOT, 'examples/tallyline.yaml'));
    expect(() => assemble(config)).not.toThrow();
    expect(config.upstreams?.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'vllm openai',
      'simulated simulated',
    ]);
    const { upstreams: _, models: __, prices: ___, organization: ____, ...defaults } = config;
    expect(defaults).toEqual(readConfig());
  });

  it('keep the commented parts of the annotated example valid', () => {
    const file = join(temporaryFolder('guide'), 'tallyline.yaml');
    const text = readFileSync(join(ROOT, 'examples/tallyline.yaml'), 'utf8');
    writeFileSync(file, text.replaceAll(/^( *)# ((?: {2})?[A-Za-z]+:(?: [^ ]+)?)$/gm, '$1$2'));
    const config = readConfig(file);
    // Short for `masterKey`, and not taken beside it.
    const members = Object.keys(schema.properties).filter((name) => name !== 'masterKeyEnv');
    expect(Object.keys(parse(readFileSync(file, 'utf8')) as object)).toEqual(members);
    expect(config).toMatchObject({
      listen: { tls: { certFile: expect.any(String), keyFile: expect.any(String) } },
      costStore: { url: expect.any(String), passwordEnv: 'CLICKHOUSE_PASSWORD' },
      masterKey: { env: 'TALLYLINE_MASTER_KEY' },
      audit: { retentionDays: 400 },
    });
  });
});

/** What a start makes of a configuration before it opens anything: it refuses models that nobody knows. */
function assemble(config: Config): void {
  const { models = [], upstreams } = config;
  const keys = Object.fromEntries((upstreams ?? []).map((one) => ['apiKeyEnv' in one ? one.apiKeyEnv : '', 'key']));
  buildRouter(config, loadCatalog(models), { ...UPSTREAM_PARTS, environment: keys });
  loadPriceBook(priceSettings(config));
}

interface DocumentedCommand {
  readonly verb: string;
  readonly flags: readonly string[];
}

/** Verbs that have verbs of their own. */
const GROUPS = new Set([
  'account',
  'bedrock-key',
  'budget',
  'charge',
  'credentials',
  'export',
  'keys',
  'master-key',
  'sessions',
]);

/** `tallyline VERB --flag ...` at the start of a line of a code block, or as inline code. */
function documentedCommands(name: string): DocumentedCommand[] {
  const lines = fencedBlocks(name).flatMap((block) => block.split('\n'));
  const inline = [...guide(name).matchAll(/`(tallyline [a-z][^`]*)`/g)].map(([, code]) => code ?? '');
  return [...lines, ...inline].flatMap((line) => {
    const [, command] = /^(?:\$ )?(?:npx )?tallyline ([a-z].*)$/.exec(line) ?? [];
    if (!command) return [];
    const [verb = '', second = ''] = command.split(' ');
    const isGroup = GROUPS.has(verb) && /^[a-z]/.test(second);
    return { verb: isGroup ? `${verb} ${second}` : verb, flags: command.match(/(?<= )--[a-z]+/g) ?? [] };
  });
}

const helps = new Map<string, string>();

function helpOf(verb: string): string {
  const known = helps.get(verb);
  if (known !== undefined) return known;
  const { status, stdout } = spawnSync(process.execPath, [...MAIN, ...verb.split(' '), '--help'], { encoding: 'utf8' });
  expect(status, `tallyline ${verb} --help`).toBe(0);
  expect(stdout, `tallyline ${verb} --help`).toContain(`Usage: tallyline ${verb}`);
  helps.set(verb, stdout);
  return stdout;
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
}

/** `listen.tls.certFile`: members that hold values, and the lists that hold objects. */
function leavesOf(node: SchemaNode, path = ''): string[] {
  const members = [node, ...(node.oneOf ?? [])].flatMap(({ properties }) => Object.entries(properties ?? {}));
  const leaves = members.flatMap(([name, member]) => leavesOf(member, path === '' ? name : `${path}.${name}`));
  if (node.items) return [path, ...leavesOf(node.items, path)];
  return [...new Set(leaves.length === 0 && path !== '' ? [path] : leaves)];
}
