import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { PERMISSION_KEY, PUBLIC_KEY } from './access.decorators.js';

/** Deny by default: a route that is neither public nor bound to a permission stops the boot. */
@Injectable()
export class RouteAccessAudit implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const open = this.discovery.getControllers().flatMap((wrapper) => {
      const { instance, metatype } = wrapper;
      if (!instance || !metatype) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => this.isUnguardedRoute(prototype[name], metatype))
        .map((name) => `${metatype.name}.${name}`);
    });
    if (open.length > 0) {
      throw new Error(`These routes say neither @Public() nor @RequirePermission(): ${open.join(', ')}`);
    }
  }

  private isUnguardedRoute(handler: unknown, controller: object): boolean {
    if (typeof handler !== 'function' || Reflect.getMetadata(PATH_METADATA, handler) === undefined) return false;
    const targets = [handler, controller] as Parameters<Reflector['getAllAndOverride']>[1];
    return (
      this.reflector.getAllAndOverride(PUBLIC_KEY, targets) === undefined &&
      this.reflector.get(PERMISSION_KEY, handler) === undefined
    );
  }
}
