import { Command } from 'nest-commander';
import { ConfigurationError } from '../platform/config/index.js';
import { DatabaseCommand } from './database-command.js';
import {
  checkConfiguration,
  checkDatabase,
  checkDataDirectory,
  checkKeys,
  checkMail,
  checkNode,
  type Finding,
  isNotInstalled,
  ok,
  problem,
} from './doctor.js';
import { CommandFailure, EXIT } from './outcome.js';

const MARKS = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' } as const;

@Command({
  name: 'doctor',
  description: 'Look at configuration, database, storage, keys, disk and mail, and say what to do about what is wrong.',
})
export class DoctorCommand extends DatabaseCommand {
  override async run(): Promise<void> {
    const findings = await this.examine();
    const healthy = findings.every(({ status }) => status !== 'problem');
    const words = findings.flatMap(({ check, status, detail, advice }) => [
      `${MARKS[status]}  ${check}: ${detail}`,
      ...(advice === null ? [] : [`         → ${advice}`]),
    ]);
    this.terminal.print({ ok: healthy, checks: findings }, words);
    if (!healthy) process.exitCode = EXIT.refused;
  }

  private async examine(): Promise<Finding[]> {
    const findings = [checkNode()];
    try {
      findings.push(...checkConfiguration(this.installation.configuration));
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return [...findings, problem('configuration', error.message, 'Correct it; nothing else was looked at.')];
    }
    const { configuration } = this.installation;
    if (await isNotInstalled(configuration)) {
      const where = `There is no installation in ${configuration.runtime.dataDir} yet.`;
      return [
        ...findings,
        problem('installation', where, 'npm start makes it; or set LUMIERE_DATA_DIR to where it is.'),
      ];
    }
    findings.push(...(await checkDataDirectory(configuration.runtime.dataDir)));
    findings.push(...(await checkKeys(configuration)));
    findings.push(...(await this.examineDatabase()));
    findings.push(await checkMail(configuration));
    return findings;
  }

  private async examineDatabase(): Promise<Finding[]> {
    try {
      return await this.connect(async (dataSource, database) => {
        const running = await this.isServerRunning(dataSource, database);
        const server = ok('server', running ? 'It is running.' : 'It is not running.');
        return [...(await checkDatabase(dataSource)), server];
      });
    } catch (error) {
      if (!(error instanceof CommandFailure || error instanceof ConfigurationError)) throw error;
      return [problem('database', error.message, 'Check DATABASE_URL and LUMIERE_DATA_DIR, and that it is running.')];
    }
  }
}
