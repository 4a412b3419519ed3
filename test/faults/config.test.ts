import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCatalog, loadPriceBook, priceSettings } from '../../src/app/price-data.ts';
import { readTls } from '../../src/app/tls.ts';
import { buildRouter } from '../../src/app/upstreams.ts';
import { readConfig } from '../../src/config.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { removeFolders, temporaryFolder } from '../server.ts';
import { UPSTREAM_PARTS } from '../upstream-parts.ts';

const folder = temporaryFolder('config');

afterAll(removeFolders);

/** Everything that reads the configuration before anything is started. */
function refusal(text: string): string {
  const file = join(folder, 'tallyline.yaml');
  writeFileSync(file, text);
  try {
    const config = readConfig(file);
    loadPriceBook(priceSettings(config));
    buildRouter(config, loadCatalog(config.models ?? []), UPSTREAM_PARTS);
    readTls(config.listen.tls);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'ConfigInvalid') throw error;
    return error.message.replace(`\`${file}\` is not a valid configuration: `, '');
  }
  throw new Error('the configuration was accepted');
}

const ROLE = 'arn:aws:iam::{accountId}:role/BedrockRole';
const bedrock = (members: string) => `upstreams: [{ name: a, type: bedrock, ${members} }]`;
const openai = (members: string) => `upstreams: [{ name: a, type: openai, url: "http://x/v1", ${members} }]`;
const price = (members: string) => `prices: [{ modelId: x, meter: input, usdPerMillionTokens: "1.5", ${members} }]`;

// peers rows 33.
describe('a configuration that is not valid', () => {
  it.each<[text: string, message: string | RegExp]>([
    ['a: [1', /is not valid YAML: /],
    ['- 1', 'the top level must be object'],
    ['prot: 5', 'the top level has no member `prot`'],
    ['__proto__: 5', 'the top level has no member `__proto__`'],
    ['listen: { port: 70000 }', '`listen.port` must be <= 65535'],
    ['listen: { port: x }', '`listen.port` must be integer'],
    ['listen: { host: "" }', '`listen.host` must NOT have fewer than 1 characters'],
    ['durability: maybe', '`durability` must be one of fsync, os, memory'],
    ['region: mars', /^`region` must match pattern/],
    ['account: { id: "12" }', /^`account.id` must match pattern/],
    ['account: { id: 123456789012 }', '`account.id` must be string'],
    ['logLevel: loud', '`logLevel` must be one of silent, error, warn, info, debug'],
    ['masterKeyEnv: "$KEY"', /^`masterKeyEnv` must match pattern/],
    [
      '{ masterKeyEnv: A, masterKey: { env: B } }',
      '`masterKey` and `masterKeyEnv` both say where the master key is; use one',
    ],
    ['masterKey: { command: [] }', /^`masterKey` must be another: \{ file \}, \{ env \} or \{ command/],
    ['masterKey: { env: A, file: b }', /^`masterKey` must be another: /],
    ['previousMasterKeys: [x]', /^`previousMasterKeys.0` must be another: /],
    ['audit: { retentionDays: 0 }', '`audit.retentionDays` must be >= 1'],
    ['costStore: {}', '`costStore` needs the member `url`'],
    ['costStore: { url: "http://" }', '`costStore.url` must match format "uri"'],
    ['costStore: { url: "http://x", database: "a b" }', /^`costStore.database` must match pattern/],
    ['upstreams: [{ name: a }]', '`upstreams.0` needs the member `type`'],
    [
      'upstreams: [{ name: a, type: bogus }]',
      '`upstreams.0.type` must be one of simulated, openai, anthropic, bedrock',
    ],
    ['upstreams: [{ name: a, type: simulated, url: "http://x" }]', '`upstreams.0` has no member `url`'],
    ['upstreams: [{ name: a, type: simulated }, { name: a, type: simulated }]', '`upstreams.1.name` is `a` once more'],
    ['upstreams: [{ name: a, type: openai }]', '`upstreams.0` needs the member `url`'],
    [bedrock('endpoint: "ftp://x"'), /^`upstreams.0.endpoint` must match pattern/],
    [bedrock('accessKeyIdEnv: NOT_SET'), /^`upstreams.0` must have property secretAccessKeyEnv/],
    [
      bedrock('accessKeyIdEnv: NOT_SET, secretAccessKeyEnv: NOT_SET'),
      'the upstream `a` needs the environment variable `NOT_SET`, which is not set',
    ],
    [bedrock('profiles: { mine: "arn:aws:bedrock:x" }'), /^`upstreams.0.profiles`/],
    [bedrock('session: {}'), '`upstreams.0.session` needs the member `role`'],
    [bedrock('session: { role: admin }'), /^`upstreams.0.session.role` must/],
    [
      bedrock(`session: { role: "${ROLE}", sessionName: "{nobody}" }`),
      /^the expression `\{nobody\}` is not one: there is no/,
    ],
    [bedrock(`session: { role: "${ROLE}", tags: { "aws:x": y } }`), /^`upstreams.0.session.tags`/],
    ['upstreams: [{ name: a, type: openai, url: "ftp://x" }]', /^`upstreams.0.url` must match pattern/],
    ['upstreams: [{ name: a, type: openai, url: "http://[x" }]', '`upstreams.0.url` must match format "uri"'],
    ['upstreams: [{ name: "A B", type: openai, url: "http://x" }]', /^`upstreams.0.name` must match pattern/],
    [openai('timeoutMs: 5'), '`upstreams.0` has no member `timeoutMs`'],
    [openai('headersTimeoutMs: 5'), '`upstreams.0.headersTimeoutMs` must be >= 100'],
    [openai('models: 5'), /^`upstreams.0.models` must be another: `\*` for every model, or /],
    [
      openai('models: { "meta.llama-of-mine": x }'),
      'the upstream `a` serves the model `meta.llama-of-mine`, which is not known: correct it, or add it to `models`',
    ],
    [openai('models: {}'), /^`upstreams.0.models` must be another/],
    [openai('apiKeyEnv: NOT_SET'), 'the upstream `a` needs the environment variable `NOT_SET`, which is not set'],
    ['models: [{ modelId: nodot }]', /^`models.0.modelId` must match pattern/],
    [price('tier: gold'), /^`prices.0.tier` must be one of standard, /],
    [price('effectiveFrom: "2026-02-30"'), /`2026-02-30` .* is not a date/],
    [
      'prices: [{ modelId: x, meter: input, usdPerMillionTokens: 1.5 }]',
      '`prices.0.usdPerMillionTokens` must be string',
    ],
    [
      'prices: [{ modelId: x, meter: input, usdPerMillionTokens: "1,5" }]',
      /^`prices.0.usdPerMillionTokens` must match/,
    ],
    ['listen: { tls: { certFile: x } }', '`listen.tls` needs the member `keyFile`'],
    [
      'listen: { tls: { certFile: nowhere.pem, keyFile: nowhere.pem } }',
      /^cannot read the TLS file `nowhere.pem`: ENOENT/,
    ],
  ])('names the member: %s', (text, message) => {
    if (typeof message === 'string') expect(refusal(text)).toBe(message);
    else expect(refusal(text)).toMatch(message);
  });

  it('is found out at once, also where a model id is long and almost right', () => {
    const modelId = `anthropic.${'a'.repeat(200)}_v1`;
    expect(refusal(`models: [{ modelId: ${modelId} }]`)).toMatch(/^`models.0.modelId` must match pattern/);
  });

  it('serves a model under every spelling of its id', () => {
    const file = join(folder, 'tallyline.yaml');
    writeFileSync(file, openai('models: { "anthropic.claude-opus-4-6": mine }'));
    const config = readConfig(file);
    const catalog = loadCatalog(config.models ?? []);
    const scope = { region: 'us-east-1', accountId: '123456789012' };
    const { modelId } = catalog.resolve('anthropic.claude-opus-4-6-v1:0', scope);
    expect(buildRouter(config, catalog, UPSTREAM_PARTS).route(modelId)).toMatchObject({ upstreamModelId: 'mine' });
  });

  it('names files that are no certificate', () => {
    const file = join(folder, 'x.pem');
    writeFileSync(file, 'no certificate');
    expect(refusal(`listen: { tls: { certFile: ${file}, keyFile: ${file} } }`)).toContain(
      'are not a certificate and its key',
    );
  });

  it('cannot be a folder or missing', () => {
    expect(() => readConfig(folder)).toThrow(/^cannot read the configuration `.*`: EISDIR/);
    expect(() => readConfig(join(folder, 'nowhere.yaml'))).toThrow(/^cannot read the configuration `.*`: ENOENT/);
  });
});
