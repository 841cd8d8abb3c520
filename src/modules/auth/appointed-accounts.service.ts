import { Injectable } from '@nestjs/common';
import { checkedRequest } from '../../platform/http/index.js';
import { PasswordHasher } from '../../platform/security/index.js';
import { AccountsService, type Appointment, type NewAccount, type User } from '../users/index.js';
import { RegisterDto } from './dto/register.dto.js';
import { refuseGuessable } from './password-policy.js';

/** Accounts that nobody registers for: those that an administrator makes for somebody, whether registration is open or not. */
@Injectable()
export class AppointedAccountsService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly hasher: PasswordHasher,
  ) {}

  /** @throws DomainError as `AccountsService.create`, and `validation_failed` when the password is easy to guess */
  async create(request: RegisterDto, appointment: Appointment): Promise<User> {
    return this.accounts.create(await this.prepare(request), appointment);
  }

  /**
   * Makes the administrator of an installation where nobody has an account yet.
   *
   * @returns null when somebody has; then the fields are not looked at either
   * @throws DomainError `validation_failed` as a registration would be
   */
  async createFirst(fields: Pick<RegisterDto, 'username' | 'email' | 'password'>): Promise<User | null> {
    if (await this.accounts.any()) return null;
    return this.accounts.createFirst(await this.prepare(await checkedRequest(RegisterDto, fields)));
  }

  private async prepare({ username, email, password, full_name: fullName }: RegisterDto): Promise<NewAccount> {
    const person = { username, email, fullName: fullName ?? null };
    await refuseGuessable(password, person, 'password');
    return { ...person, passwordHash: await this.hasher.hash(password) };
  }
}
