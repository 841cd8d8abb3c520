/**
 * The rings of docs/architecture.md: imports point inwards only, and modules only to those before them.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
const ORDER = [
  'users',
  'auth',
  'workspaces',
  'system',
  'data-sources',
  'queries',
  'rag',
  'insights',
  'dashboards',
  'agents',
  'conversations',
  'exports',
  'administration',
  'mcp',
];

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Entities refer to each other through Relation<>, which leaves nothing at run time; nothing else may.',
      severity: 'error',
      from: { pathNot: '\\.entity\\.ts$' },
      to: { circular: true, viaOnly: { pathNot: '\\.entity\\.ts$' } },
    },
    {
      name: 'engine-knows-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^(src/(?!engine/)|migrations/)' },
    },
    {
      name: 'engine-has-no-framework',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: 'node_modules/(@nestjs|typeorm|fastify|@fastify|rxjs|class-validator|class-transformer)/' },
    },
    {
      name: 'platform-knows-no-domain',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/modules/' },
    },
    {
      name: 'platform-uses-engine-types-only',
      comment: 'EngineError is the exception: the filter that tells errors over HTTP must know it.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/engine/', pathNot: '^src/engine/errors\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'modules-through-their-door',
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/' },
      to: { path: '^src/modules/([^/]+)/', pathNot: '^src/modules/($1/|[^/]+/index\\.ts$)' },
    },
    {
      name: 'nothing-imports-the-command-line',
      severity: 'error',
      from: { path: '^src/(modules|platform|engine)/' },
      to: { path: '^src/(command-line/|cli\\.ts$|app\\.module\\.ts$)' },
    },
    {
      name: 'command-line-through-the-doors',
      severity: 'error',
      from: { path: '^src/command-line/' },
      to: { path: '^src/modules/', pathNot: '^src/modules/[^/]+/index\\.ts$' },
    },
    ...ORDER.map((name, index) => ({
      name: `no-later-module-from-${name}`,
      severity: 'error',
      from: { path: `^src/modules/${name}/` },
      to: { path: `^src/modules/(${ORDER.slice(index + 1).join('|') || 'none'})/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '\\.spec\\.ts$' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
