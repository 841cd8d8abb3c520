import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { difference, UnitOfWork } from '../../platform/audit/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import type { UpdateProfileDto } from './dto/update-profile.dto.js';
import { User } from './entities/user.entity.js';

/** Profiles: reading anybody's public one, reading and changing one's own. */
@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws DomainError `not_found` */
  async get(id: number): Promise<User> {
    const user = await this.users.findOne({ where: { id }, relations: { userRoles: { role: true } } });
    if (user === null) throw notFound('user');
    return user;
  }

  /** @throws DomainError `forbidden` for somebody else's profile, whether it exists or not */
  async updateProfile(id: number, change: UpdateProfileDto, caller: Principal): Promise<User> {
    if (id !== caller.userId) throw new DomainError('forbidden', 'You may only change your own profile.');
    const { full_name: fullName, avatar_url: avatarUrl, locale } = change;
    const given = Object.entries({ fullName, avatarUrl, locale }).filter(([, value]) => value !== undefined);
    if (given.length === 0) return this.get(id);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const before = await manager.findOneByOrFail(User, { id });
      await manager.update(User, { id }, Object.fromEntries(given));
      const after = await manager.findOneOrFail(User, { where: { id }, relations: { userRoles: { role: true } } });
      const changed = difference(before, after, ['fullName', 'avatarUrl', 'locale']);
      if (changed !== null) record({ action: 'user.updated', objectId: id, ...changed });
      return after;
    });
  }
}
