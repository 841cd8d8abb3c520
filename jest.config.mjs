/** @type {import('jest').Config['transform']} */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      },
      module: { type: 'es6' },
    },
  ],
};

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform,
};

/** End-to-end tests that take long, mostly because they start servers and commands of their own, or wait for the clock. */
const slow = files([
  'alerts',
  'backups',
  'command-line',
  'encryption-keys',
  'jobs',
  'lock-out',
  'model-replies',
  'oidc',
  'orchestrator-crash',
  'passwords',
  'scheduled-reports',
  'server',
  'usage-and-budgets',
  'vectors',
  'webhooks',
]);

/** Others that take long, to which it is all the same where the system of record is. */
const engines = files([
  'access',
  'access-paths',
  'broken-uploads',
  'clickhouse-connector',
  'conversation-streams',
  'fairness',
  'file-bombs',
  'hostile-documents',
  'hostile-runs',
  'http-impostors',
  'http-queries',
  'http-sources',
  'mass-assignment',
  'models',
  'orchestrator-runs',
  'query-budgets',
  'query-events',
  'result-streams',
  'running-queries',
  'tour',
  'trino-connector',
]);

/** @param {string[]} names */
function files(names) {
  return names.map((name) => `<rootDir>/test/${name}.e2e-spec.ts`);
}

const server = {
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
};

/**
 * Six projects. `unit` runs beside the code. `contract` holds connectors to their contract on servers that are named by
 * `npm run test:contract`. `postgres` needs the binaries of a PostgreSQL server and runs by
 * `npm run test:postgres` only. `e2e`, and `slow` and `engines` by `npm run test:slow`, talk HTTP to a server that `globalSetup` boots from `dist/`,
 * because Jest on Node 20 cannot load ES modules through `require()` and so cannot host the Fastify application itself.
 *
 * @type {import('jest').Config}
 */
const config = {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...shared,
      ...server,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'],
      testPathIgnorePatterns: [...slow, ...engines],
    },
    { ...shared, ...server, displayName: 'slow', testMatch: slow },
    { ...shared, ...server, displayName: 'engines', testMatch: engines },
    { ...shared, displayName: 'contract', testMatch: ['<rootDir>/test/**/*.contract-spec.ts'] },
    { ...shared, displayName: 'postgres', testMatch: ['<rootDir>/test/**/*.postgres-spec.ts'] },
  ],
  testTimeout: 120_000,
  maxWorkers: 2,
};

export default config;
