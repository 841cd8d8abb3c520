import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfigurationError, FirstAdministratorConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { AppointedAccountsService } from '../auth/index.js';

/** Makes the administrator that the configuration names, when the server starts where nobody has an account. */
@Injectable()
export class FirstAdministrator implements OnApplicationBootstrap {
  private readonly logger = new Logger(FirstAdministrator.name);

  constructor(
    private readonly config: FirstAdministratorConfig,
    private readonly accounts: AppointedAccountsService,
  ) {}

  /** @throws ConfigurationError that names the variable whose value is refused */
  async onApplicationBootstrap(): Promise<void> {
    const { account } = this.config;
    if (account === undefined) return;
    try {
      const made = await this.accounts.createFirst(account);
      if (made !== null) this.logger.warn(`Made the administrator ${made.username}, as the ADMIN_* variables say.`);
    } catch (error) {
      throw error instanceof DomainError ? refusalOf(error) : error;
    }
  }
}

function refusalOf({ errors, detail }: DomainError): ConfigurationError {
  const reasons = errors.map(({ field, message }) => `ADMIN_${field.toUpperCase()} ${message}.`);
  return new ConfigurationError(reasons.length === 0 ? detail : reasons.join(' '));
}
