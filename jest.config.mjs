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

/**
 * Three projects. `unit` runs beside the code. `postgres` needs the binaries of a PostgreSQL server and runs by
 * `npm run test:postgres` only. `e2e` talks HTTP to a server that `globalSetup` boots from `dist/`,
 * because Jest on Node 20 cannot load ES modules through `require()` and so cannot host the Fastify application itself.
 *
 * @type {import('jest').Config}
 */
const config = {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
    { ...shared, displayName: 'postgres', testMatch: ['<rootDir>/test/**/*.postgres-spec.ts'] },
  ],
  testTimeout: 30_000,
};

export default config;
