// The import rules of docs/ARCHITECTURE.md, types included. Every folder may import itself and what its row lists.
const MAY_IMPORT = {
  kernel: [],
  wire: ['kernel'],
  identity: ['kernel'],
  policy: ['kernel', 'identity'],
  inference: ['kernel'],
  metering: ['kernel', 'identity', 'inference'],
  detection: ['kernel'],
  audit: ['kernel', 'wire', 'identity'],
  rating: ['kernel', 'metering', 'inference'],
  allocation: ['kernel', 'identity', 'rating'],
  admission: ['kernel', 'identity', 'inference', 'metering', 'rating'],
  billing: ['kernel', 'rating'],
  reports: ['kernel', 'metering', 'rating', 'allocation'],
  reconciliation: ['kernel', 'rating', 'reports'],
  notices: ['kernel'],
  statements: ['kernel', 'reports'],
  batches: ['kernel', 'identity'],
  invocations: ['kernel', 'metering'],
  budgets: ['kernel', 'allocation', 'reports'],
  paths: [
    'kernel',
    'wire',
    'identity',
    'policy',
    'inference',
    'metering',
    'audit',
    'rating',
    'allocation',
    'billing',
    'reports',
    'reconciliation',
    'notices',
    'statements',
    'budgets',
    'admission',
    'batches',
    'invocations',
    'detection',
  ],
  services: [
    'kernel',
    'wire',
    'identity',
    'policy',
    'inference',
    'metering',
    'audit',
    'rating',
    'allocation',
    'billing',
    'reports',
    'reconciliation',
    'notices',
    'statements',
    'budgets',
    'admission',
    'batches',
    'invocations',
    'detection',
    'paths',
  ],
  adapters: [
    'kernel',
    'wire',
    'identity',
    'inference',
    'metering',
    'audit',
    'rating',
    'reports',
    'reconciliation',
    'statements',
  ],
  cli: ['kernel', 'wire', 'policy', 'inference', 'rating', 'reports', 'reconciliation', 'paths'],
};

const TEST = '[.]test[.]ts$';

const folderRules = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: TEST },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
}));

// One file of its kind, and the folder of the same name behind it.
const siblingRules = ['services', 'adapters'].map((folder) => ({
  name: `no-${folder}-to-${folder}`,
  severity: 'error',
  comment: 'services and adapters do not know each other; app.ts puts them together',
  // The journal's reader runs in another thread than its writer, and shares its file format.
  from: { path: `^src/${folder}/([^/.]+)(?:/|[.]ts$)`, pathNot: `${TEST}|^src/adapters/file-journal-reader[.]ts$` },
  // Upstreams of every kind reach their servers in the same way.
  to: { path: `^src/${folder}/`, pathNot: `^src/${folder}/$1(?:/|[.])|^src/adapters/model-connection/` },
}));

// biome-ignore lint/style/noDefaultExport: dependency-cruiser reads its configuration from the default export
export default {
  forbidden: [
    ...folderRules,
    ...siblingRules,
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: `${TEST}|^src/main[.]ts$|^src/app/(cost|forecast|paper)-thread[.]ts$|^src/adapters/chdb-engine/main[.]ts$|^src/console/web/public/`,
      },
      to: {},
    },
    {
      name: 'stages-without-packages-or-io',
      severity: 'error',
      comment: 'stages and paths compute; the outside world is behind ports',
      from: {
        path: '^src/(kernel|identity|policy|inference|metering|audit|rating|allocation|billing|reports|reconciliation|notices|statements|budgets|batches|invocations|admission|paths)/',
        pathNot: TEST,
      },
      to: { dependencyTypesNot: ['local', 'type-only'], pathNot: '^(src/|node:crypto$|crypto$)' },
    },
    {
      name: 'behind-the-door',
      severity: 'error',
      comment: 'a/b/part.ts is reached through a/b.ts, when there is such a door',
      from: { path: '^src/([^/]+)/', pathNot: `${TEST}|^src/console/web/` },
      to: { path: '^src/(?!$1/)[^/]+/[^/]+/.+[.]ts$' },
    },
    {
      name: 'no-tests-in-product',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'main-imports',
      severity: 'error',
      from: { path: '^src/main[.]ts$' },
      to: { path: '^src/', pathNot: '^src/(app[.]ts|app/price-data[.]ts|config[.]ts|cli/|kernel/)' },
    },
    {
      name: 'console-imports',
      severity: 'error',
      comment: "the browser's app runs without the server's code; of types it may know all",
      from: { path: '^src/console/web/', pathNot: TEST },
      to: { path: '^src/', pathNot: '^src/(console/web|kernel)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-the-console',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/console/web/' },
      to: { path: '^src/console/web/' },
    },
    { name: 'nobody-imports-main', severity: 'error', from: { pathNot: '^$' }, to: { path: '^src/main[.]ts$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
