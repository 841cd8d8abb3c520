import { type DynamicModule, Module } from '@nestjs/common';
import { type CommandRunner, InjectCommander } from 'nest-commander';
import { AUDIT_COMMANDS } from './audit.commands.js';
import { DB_COMMANDS } from './db.commands.js';
import { DoctorCommand } from './doctor.command.js';
import { Installation } from './installation.js';
import { KEY_COMMANDS } from './keys.commands.js';
import { Terminal } from './terminal.js';
import { USER_COMMANDS } from './users.commands.js';

type Program = Parameters<CommandRunner['setCommand']>[0];

const DESCRIPTION = "Lumiere's command line for administrators. It works beside a running server.";
const EXIT_CODES = `
Ends with 0 when it is done, 1 when it was refused or has found problems, 2 when it was not used as its help says,
and 3 when the installation cannot be reached or opened.`;

/** The commands, which open the installation only when they run: help must not wait for a database. */
@Module({})
export class CommandLineModule {
  constructor(@InjectCommander() program: Program) {
    program.name('npm run cli --').description(DESCRIPTION).addHelpText('after', EXIT_CODES);
  }

  static for(json: boolean): DynamicModule {
    return {
      module: CommandLineModule,
      providers: [
        Installation,
        { provide: Terminal, useValue: new Terminal(json) },
        ...USER_COMMANDS,
        ...KEY_COMMANDS,
        ...DB_COMMANDS,
        ...AUDIT_COMMANDS,
        DoctorCommand,
      ],
    };
  }
}
