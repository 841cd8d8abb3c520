import { Command, Option, SubCommand } from 'nest-commander';
import { AuditVerification, type ChainEnd, parseChainEnd } from '../modules/system/index.js';
import { CommandGroup, InstallationCommand } from './administration-command.js';
import { EXIT, wrongUsage } from './outcome.js';

@SubCommand({
  name: 'verify',
  description: 'Follow the audit trail from its first entry to its last, and say where it was tampered with.',
})
export class AuditVerifyCommand extends InstallationCommand {
  override async run(_: string[], { noted }: { noted?: ChainEnd }): Promise<void> {
    const verdict = await this.installation.use((app) => app.get(AuditVerification).verify(noted));
    const { ok, rows, end, problems } = verdict;
    this.terminal.print(verdict, [
      ok ? `All ${rows} entries are as they were written.` : `The trail of ${rows} entries is not as it was written:`,
      ...problems.map(({ position, kind, detail }) => `  ${position}: ${kind}. ${detail}`),
      `It ends with ${end.position}:${end.hash}. Note it outside the database, and give it as --noted next time.`,
    ]);
    if (!ok) process.exitCode = EXIT.refused;
  }

  @Option({ flags: '--noted <end>', description: 'where it ended when it was verified before, such as 42:9f86d0…' })
  protected noted(text: string): ChainEnd {
    if (!/^\d{1,10}:[0-9a-f]{64}$/.test(text))
      throw wrongUsage('--noted must be what an earlier audit verify has printed.');
    return parseChainEnd(text);
  }
}

@Command({ name: 'audit', description: 'Who did what.', subCommands: [AuditVerifyCommand] })
export class AuditCommand extends CommandGroup {}

export const AUDIT_COMMANDS = [AuditCommand, AuditVerifyCommand];
