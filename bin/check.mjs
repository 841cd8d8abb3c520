/** `npm run check`: all that can be said about the code without running it, and that what is generated from it is current. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @type {[string, string[]][]} */
const STEPS = [
  ['format', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['lint', ['oxlint', '--type-aware', '--quiet']],
  ['types', ['tsc', '--noEmit', '-p', 'tsconfig.json']],
  ['imports', ['depcruise', 'src', 'migrations', '--output-type', 'err']],
  ['dead code', ['knip', '--no-progress']],
];

const only = process.argv.slice(2);
let failed = 0;

for (const [name, [tool = '', ...args]] of STEPS) {
  if (only.length === 0 || only.includes(name)) run(name, 'npx', ['--no-install', tool, ...args]);
}
const generated = [
  ['openapi', 'bin/openapi.mjs'],
  ['data model', 'bin/data-model.mjs'],
].filter(([name = '']) => only.length === 0 || only.includes(name));
if (generated.length > 0) run('build', process.execPath, ['bin/build.mjs']);
for (const [name = '', script = ''] of generated) run(name, process.execPath, [script, '--check']);
process.exit(failed === 0 ? 0 : 1);

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 */
function run(name, command, args) {
  const started = performance.now();
  process.stdout.write(`${name} … `);
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(status === 0 ? `ok (${seconds} s)` : `FAILED\n${stdout}${stderr}`);
  if (status !== 0) failed += 1;
}
