import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, MoreThan, Repository } from 'typeorm';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { SignInCode } from '../entities/sign-in-code.entity.js';
import { challengeOf, hashOf, newSecret } from './secrets.js';

/** An account whose owner was proven, as it was then. */
export interface ProvenAccount {
  userId: number;
  tokenVersion: number;
  issuer: string;
}

const LIFE_MS = 60_000;

/** Codes that stand for a sign-in on the way from the server to the front end. */
@Injectable()
export class SignInCodesService {
  constructor(@InjectRepository(SignInCode) private readonly codes: Repository<SignInCode>) {}

  async issue(account: ProvenAccount, codeChallenge: string | null): Promise<string> {
    const now = Date.now();
    const code = newSecret();
    await this.codes.delete({ expiresAt: LessThan(new Date(now)) });
    await this.codes.insert({
      ...account,
      codeChallenge,
      codeHash: hashOf(code),
      expiresAt: new Date(now + LIFE_MS),
    });
    return code;
  }

  /**
   * Takes a code, once. It is used up even if the verifier is wrong.
   *
   * @throws DomainError `invalid_sign_in`
   */
  async redeem(code: string, verifier: string | undefined): Promise<ProvenAccount> {
    const known = await this.codes.findOneBy({ codeHash: hashOf(code), expiresAt: MoreThan(new Date()) });
    // Of two who come at the same moment, one deletes it.
    const taken = known === null ? 0 : (await this.codes.delete({ id: known.id })).affected;
    if (known === null || taken !== 1 || !fits(known.codeChallenge, verifier)) throw invalidCode();
    const { userId, tokenVersion, issuer } = known;
    return { userId, tokenVersion, issuer };
  }
}

function fits(challenge: string | null, verifier: string | undefined): boolean {
  return challenge === null ? verifier === undefined : verifier !== undefined && challengeOf(verifier) === challenge;
}

/** The refusal of a code, whatever is wrong with it. */
export function invalidCode(): DomainError {
  return new DomainError(
    'invalid_sign_in',
    'This code does not work: it was used, is older than a minute, or belongs to another sign-in. Sign in again.',
  );
}
