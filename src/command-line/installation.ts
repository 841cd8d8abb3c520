import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { actAs } from '../platform/audit/index.js';
import {
  type Configuration,
  ConfigurationError,
  loadConfiguration,
  readEnvironment,
} from '../platform/config/index.js';
import {
  dataSourceOptions,
  openDatabase,
  type OpenedDatabase,
  settleRestoresAlone,
} from '../platform/database/index.js';
import { openSwaps } from '../platform/storage/index.js';
import { COMMAND_LINE_ACTOR } from './command-line-actor.js';
import { CommandFailure, EXIT } from './outcome.js';

/** The installation that commands work on; nothing is read or opened before a command needs it. */
@Injectable()
export class Installation {
  private loaded: Configuration | undefined;

  /** @throws ConfigurationError when a variable is missing or wrong */
  get configuration(): Configuration {
    this.loaded ??= loadConfiguration(readEnvironment());
    return this.loaded;
  }

  /**
   * Does something with the services of the server, beside it when it runs, in the name of the command line.
   *
   * @throws CommandFailure when the installation cannot be opened, or its schema is not this version's
   */
  async use<T>(work: (app: INestApplicationContext) => Promise<T>): Promise<T> {
    return this.withDatabase(async (database) => {
      const { InstallationModule } = await import('./installation.module.js');
      const app = await NestFactory.createApplicationContext(
        InstallationModule.for(this.configuration, database.connection),
        // Whatever goes wrong is thrown, and told once.
        { logger: false, abortOnError: false },
      ).catch(asUnreachable);
      try {
        return await actAs({ ...COMMAND_LINE_ACTOR }, () => work(app));
      } finally {
        await app.close();
      }
    });
  }

  /**
   * Does something with the database alone, whatever its schema.
   *
   * @param create whether an embedded database may be made where there is none
   * @throws CommandFailure when it cannot be opened
   */
  async withDatabase<T>(work: (database: OpenedDatabase) => Promise<T>, create = false): Promise<T> {
    const database = await openDatabase(this.configuration, create).catch(asUnreachable);
    try {
      await this.settleRestores(database);
      return await work(database);
    } finally {
      await database.close();
    }
  }

  /** A restore that was cut short comes first. A server has seen to it before it was ready, so beside one there is none. */
  private async settleRestores({ connection, besideServer }: OpenedDatabase): Promise<void> {
    const { database, runtime } = this.configuration;
    if (besideServer || (await openSwaps(runtime.dataDir)).length === 0) return;
    const dataSource = new DataSource({
      ...dataSourceOptions(database, connection),
      applicationName: 'lumiere settling',
    });
    await dataSource.initialize().catch(asUnreachable);
    try {
      await settleRestoresAlone(runtime.dataDir, dataSource);
    } finally {
      await dataSource.destroy();
    }
  }
}

function asUnreachable(cause: unknown): never {
  if (cause instanceof ConfigurationError || cause instanceof CommandFailure) throw cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new CommandFailure(EXIT.unreachable, `The database cannot be opened: ${reason}`, { cause });
}
