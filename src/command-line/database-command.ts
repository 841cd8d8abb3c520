import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { actAs } from '../platform/audit/index.js';
import { dataSourceOptions, isServerPresent, type OpenedDatabase } from '../platform/database/index.js';
import { InstallationCommand } from './administration-command.js';
import { COMMAND_LINE_ACTOR } from './command-line-actor.js';
import { CommandFailure, EXIT } from './outcome.js';

/** So that the command line can tell itself from servers. */
const APPLICATION_NAME = 'lumiere command line';

/** A command that works on the database as a whole, whatever its schema. */
@Injectable()
export abstract class DatabaseCommand extends InstallationCommand {
  /** @param create whether an embedded database may be made where there is none */
  protected async connect<T>(
    work: (dataSource: DataSource, database: OpenedDatabase) => Promise<T>,
    create = false,
  ): Promise<T> {
    const { configuration } = this.installation;
    return this.installation.withDatabase(async (database) => {
      const dataSource = new DataSource({
        ...dataSourceOptions(configuration.database, database.connection),
        applicationName: APPLICATION_NAME,
        migrations: [...migrations],
      });
      await dataSource.initialize().catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new CommandFailure(EXIT.unreachable, `The database does not answer: ${reason}`, { cause });
      });
      try {
        return await actAs({ ...COMMAND_LINE_ACTOR }, () => work(dataSource, database));
      } finally {
        await dataSource.destroy();
      }
    }, create);
  }

  /** Whether a server works on the installation right now, also when nobody asks it for anything. */
  protected async isServerRunning(
    dataSource: DataSource,
    { connection, besideServer }: OpenedDatabase,
  ): Promise<boolean> {
    return connection === undefined ? isServerPresent((sql) => dataSource.query(sql)) : besideServer;
  }

  protected get dataDir(): string {
    return this.installation.configuration.runtime.dataDir;
  }
}
