import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { recognise } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import {
  INSTALLATION_PERMISSIONS,
  type Permission,
  PERMISSION_KEY,
  type Principal,
  PUBLIC_KEY,
} from '../../platform/security/index.js';
import { ApiKeyAuthentication } from './api-key-authentication.js';

/** Guards every route: a public one is open, any other asks for a caller who has the route's permission. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly apiKeys: ApiKeyAuthentication,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC_KEY, [context.getHandler(), context.getClass()])) return true;
    await this.identify(context);
    const needed = this.reflector.get<Permission | undefined>(PERMISSION_KEY, context.getHandler());
    const { user } = context.switchToHttp().getRequest<FastifyRequest>();
    if (user !== undefined) {
      const { userId, apiKeyId } = user;
      recognise({ kind: apiKeyId === null ? 'session' : 'api_key', userId, apiKeyId });
    }
    if (needed === undefined || user?.permissions.has(needed) !== true) throw notPermitted(needed, user);
    return true;
  }

  override handleRequest<T>(error: unknown, user: T | false | null | undefined): T {
    if (error instanceof Error) throw error;
    if (!user) throw new DomainError('unauthenticated', 'Sign in first: send a valid bearer token or API key.');
    return user;
  }

  /** Finds the caller, by token or by key. With both it would be anybody's guess who is meant, so both are refused. */
  private async identify(context: ExecutionContext): Promise<void> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { 'x-api-key': key, authorization } = request.headers;
    if (key === undefined) await super.canActivate(context);
    else if (authorization === undefined) request.user = await this.apiKeys.authenticate(String(key), request.ip);
    else throw new DomainError('unauthenticated', 'Send either a bearer token or an API key, not both.');
  }
}

function notPermitted(needed: Permission | undefined, caller: Principal | undefined): DomainError {
  const permission = needed ?? 'for this route';
  if (needed !== undefined && caller?.dataSourceIds != null && INSTALLATION_PERMISSIONS.has(needed)) {
    return new DomainError(
      'forbidden',
      `This API key is for certain data sources, so it cannot have the permission ${needed}, which is about the whole ` +
        'installation. Use a key without data_source_ids, or sign in.',
    );
  }
  return new DomainError(
    'forbidden',
    caller?.apiKeyId == null
      ? `Your role does not include the permission ${permission}. Ask an administrator.`
      : `This API key does not include the permission ${permission}. Use a key that has it, or sign in.`,
  );
}
