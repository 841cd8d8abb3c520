import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../platform/errors/domain-error.js';
import { type Permission, PERMISSION_KEY, PUBLIC_KEY } from '../../platform/security/index.js';

/** Guards every route: a public one is open, any other asks for a caller who has the route's permission. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC_KEY, [context.getHandler(), context.getClass()])) return true;
    await super.canActivate(context);
    const needed = this.reflector.get<Permission | undefined>(PERMISSION_KEY, context.getHandler());
    const { user } = context.switchToHttp().getRequest<FastifyRequest>();
    if (needed === undefined || user?.permissions.has(needed) !== true) {
      throw new DomainError(
        'forbidden',
        `Your role does not include the permission ${needed ?? 'for this route'}. Ask an administrator.`,
      );
    }
    return true;
  }

  override handleRequest<T>(error: unknown, user: T | false | null | undefined): T {
    if (error instanceof Error) throw error;
    if (!user) throw new DomainError('unauthenticated', 'Sign in first: send a valid bearer token.');
    return user;
  }
}
