import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, MoreThan, Repository } from 'typeorm';
import { OidcRequest } from '../entities/oidc-request.entity.js';
import { derived, hashOf, newSecret } from './secrets.js';

/** What ties the answer of the provider to the request and to the browser that it began in. */
export interface RequestSecrets {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** What the person wanted when they began. */
export interface Destination {
  returnTo: string;
  codeChallenge: string | null;
}

const LIFE_MS = 600_000;

/**
 * Sign-ins under way. The browser's cookie is the only secret: nonce and verifier are made from it, and the database keeps
 * hashes. So a copy of the database opens nothing, and a link into the middle of a sign-in works in no other browser.
 */
@Injectable()
export class OidcRequestsService {
  constructor(@InjectRepository(OidcRequest) private readonly requests: Repository<OidcRequest>) {}

  /** @returns the secrets of a new request, and the one that the browser keeps for `lifeSeconds` */
  async open(destination: Destination): Promise<RequestSecrets & { browserSecret: string; lifeSeconds: number }> {
    const now = Date.now();
    const state = newSecret();
    const browserSecret = newSecret();
    await this.requests.delete({ expiresAt: LessThan(new Date(now)) });
    await this.requests.insert({
      ...destination,
      stateHash: hashOf(state),
      browserHash: hashOf(browserSecret),
      expiresAt: new Date(now + LIFE_MS),
    });
    return { ...secretsOf(state, browserSecret), browserSecret, lifeSeconds: LIFE_MS / 1000 };
  }

  /** Ends a request, once; null when it is unknown, over, or was begun in another browser. */
  async take(state: string, browserSecret: string): Promise<(RequestSecrets & Destination) | null> {
    const request = await this.requests.findOneBy({
      stateHash: hashOf(state),
      browserHash: hashOf(browserSecret),
      expiresAt: MoreThan(new Date()),
    });
    if (request === null) return null;
    // Of two who come at the same moment, one deletes it.
    const { affected } = await this.requests.delete({ id: request.id });
    if (affected !== 1) return null;
    const { returnTo, codeChallenge } = request;
    return { ...secretsOf(state, browserSecret), returnTo, codeChallenge };
  }
}

function secretsOf(state: string, browserSecret: string): RequestSecrets {
  return {
    state,
    nonce: derived(browserSecret, `nonce ${state}`),
    codeVerifier: derived(browserSecret, `verifier ${state}`),
  };
}
