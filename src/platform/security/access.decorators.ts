import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { type Permission, type Principal, SESSION_PERMISSIONS } from './principal.js';

export const PUBLIC_KEY = 'lumiere:public';
export const PERMISSION_KEY = 'lumiere:permission';

declare module 'fastify' {
  interface FastifyRequest {
    user?: Principal;
  }
}

/** Anybody may call the route, without a token. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(PUBLIC_KEY, true);
}

/** The caller needs this permission. Which rows they may touch is the resource's policy to say. */
export function RequirePermission(permission: Permission): MethodDecorator {
  return applyDecorators(
    SetMetadata(PERMISSION_KEY, permission),
    ApiBearerAuth(),
    ...(SESSION_PERMISSIONS.has(permission) ? [] : [ApiSecurity('apiKey')]),
    ApiExtension('x-permission', permission),
  );
}

/** The caller, in a route that is not public. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = context.switchToHttp().getRequest<FastifyRequest>().user;
  if (principal === undefined)
    throw new DomainError('unauthenticated', 'Sign in first: send a bearer token or an API key.');
  return principal;
});
