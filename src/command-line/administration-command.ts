import { Injectable } from '@nestjs/common';
import { CommandRunner, Option } from 'nest-commander';
import { Installation } from './installation.js';
import { Terminal } from './terminal.js';

type CommanderCommand = Parameters<CommandRunner['setCommand']>[0];

/** What all commands have in common. */
export abstract class AdministrationCommand extends CommandRunner {
  override setCommand(command: CommanderCommand): this {
    // Each command of nest-commander would otherwise end the process by itself, always with 1.
    command.exitOverride();
    command.allowExcessArguments(false);
    command.showHelpAfterError('Add --help to see how it is used.');
    return super.setCommand(command);
  }

  @Option({ flags: '--json', description: 'print the result as one JSON document' })
  protected json(): boolean {
    return true;
  }
}

/** A command that only has commands below it. */
export abstract class CommandGroup extends AdministrationCommand {
  override async run(): Promise<void> {
    process.stderr.write(`Say which of its commands is meant: ${this.command.name()} does nothing by itself.\n\n`);
    this.command.help({ error: true });
  }
}

/** A command that works on the installation. Decorated, or its parameters would be lost to those that extend it. */
@Injectable()
export abstract class InstallationCommand extends AdministrationCommand {
  constructor(
    protected readonly installation: Installation,
    protected readonly terminal: Terminal,
  ) {
    super();
  }
}
