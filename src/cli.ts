/** The administrators' command line: `npm run cli -- …`. */
import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { CommandLineModule } from './command-line/command-line.module.js';
import { CommandFailure, EXIT, type ExitCode } from './command-line/outcome.js';
import { ConfigurationError } from './platform/config/index.js';
import { DomainError } from './platform/errors/domain-error.js';
import { readVersion } from './platform/version.js';

const json = process.argv.includes('--json');

async function main(): Promise<void> {
  // Whatever is written from here on is for the eyes of this user only.
  process.umask(0o077);
  await CommandFactory.run(CommandLineModule.for(json), {
    version: readVersion(),
    logger: ['error'],
    helpConfiguration: {
      subcommandTerm: (command) => [command.name(), command.usage().replace(/^\[options\] ?/, '')].join(' '),
    },
    // Unless it throws, commander ends the process by itself, always with 1.
    errorHandler: (error) => {
      throw error;
    },
    serviceErrorHandler: fail,
  });
}

function fail(error: unknown): void {
  // What commander refuses, it has printed already.
  const printed = ofCommander(error);
  process.exitCode = printed ?? exitCodeOf(error);
  if (printed !== null) return;
  const text = messageOf(error);
  process.stderr.write(json ? `${JSON.stringify({ error: { ...codeOf(error), detail: text } })}\n` : `${text}\n`);
}

/** How a command ends that commander itself ended: with its help, or because it was not given as the help says. */
function ofCommander(error: unknown): ExitCode | null {
  if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('commander.'))) return null;
  return 'exitCode' in error && error.exitCode === 0 ? EXIT.done : EXIT.usage;
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandFailure) return error.exitCode;
  if (error instanceof ConfigurationError) return EXIT.unreachable;
  return EXIT.refused;
}

function codeOf(error: unknown): { code?: string } {
  return error instanceof DomainError ? { code: error.code } : {};
}

function messageOf(error: unknown): string {
  if (error instanceof DomainError) {
    const fields = error.errors.map(({ field, message }) => `${field} ${message}.`);
    return fields.length === 0 ? error.detail : fields.join('\n');
  }
  if (error instanceof ConfigurationError || error instanceof CommandFailure) return error.message;
  return error instanceof Error ? ((json ? undefined : error.stack) ?? error.message) : String(error);
}

let ended = false;
process.once('exit', () => {
  if (ended) return;
  process.stderr.write('The command has stopped before it was done: it waited for something that never came.\n');
  process.exitCode = EXIT.refused;
});

void main()
  .catch(fail)
  .finally(() => {
    ended = true;
  });
