import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { decodeCursor, encodeCursor, type Page, type PageQuery } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { User } from '../users/index.js';
import type { ChangeMemberDto, Member, NewMemberDto } from './dto/member.dto.js';
import { WorkspaceMember } from './entities/workspace-member.entity.js';
import { WorkspacesService } from './workspaces.service.js';

/** People that one workspace can have beside its owner. */
const MOST_MEMBERS = 1000;

const LIST = `
  SELECT person.id AS "userId", person.username, person.full_name AS "fullName", member.role, member.added_at AS "addedAt"
  FROM (SELECT user_id, 'owner' AS role, created_at AS added_at FROM workspaces WHERE id = $1
        UNION ALL SELECT user_id, permission, added_at FROM workspace_members WHERE workspace_id = $1
          AND user_id <> (SELECT user_id FROM workspaces WHERE id = $1)) AS member
    JOIN users person ON person.id = member.user_id
  WHERE person.id > $2 ORDER BY person.id LIMIT $3`;

/** Who may use a workspace. */
@Injectable()
export class WorkspaceMembersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly workspaces: WorkspacesService,
  ) {}

  /** The owner and the members, by their ids. @throws DomainError `not_found` */
  async list(id: number, page: PageQuery, caller: Principal): Promise<Page<Member>> {
    await this.workspaces.get(id, caller);
    const after = page.cursor === undefined ? 0 : decodeCursor(page.cursor);
    const rows = await this.dataSource.query<Member[]>(LIST, [id, after, page.limit + 1]);
    const items = rows.slice(0, page.limit);
    const last = items.at(-1);
    const counted = page.include_total === true;
    const total = counted
      ? (await this.dataSource.manager.countBy(WorkspaceMember, { workspaceId: id })) + 1
      : undefined;
    const more = rows.length > page.limit && last !== undefined;
    return { items, nextCursor: more ? encodeCursor(last.userId) : null, total };
  }

  /** @throws DomainError `not_found`, `forbidden`, `validation_failed` when there is no such active account, `conflict` for who is in it already */
  async add(id: number, { user_id: userId, permission }: NewMemberDto, caller: Principal): Promise<Member> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const workspace = await this.workspaces.lock(manager, id, caller, 'manage');
      const person = await manager.findOneBy(User, { id: userId, isActive: true });
      if (person === null) throw noSuchAccount();
      const known =
        workspace.userId === userId || (await manager.existsBy(WorkspaceMember, { workspaceId: id, userId }));
      if (known) throw new DomainError('conflict', 'This person is in the workspace already.');
      if ((await manager.countBy(WorkspaceMember, { workspaceId: id })) >= MOST_MEMBERS) throw full();
      await manager.insert(WorkspaceMember, { workspaceId: id, userId, permission });
      const { addedAt } = await manager.findOneByOrFail(WorkspaceMember, { workspaceId: id, userId });
      record({ action: 'workspace.member_added', objectId: id, after: { user_id: userId, permission } });
      return { userId, username: person.username, fullName: person.fullName, role: permission, addedAt };
    });
  }

  /** @throws DomainError `not_found` for the workspace or the member, `forbidden` */
  async change(id: number, userId: number, { permission }: ChangeMemberDto, caller: Principal): Promise<Member> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      await this.workspaces.lock(manager, id, caller, 'manage');
      const member = await manager.findOne(WorkspaceMember, {
        where: { workspaceId: id, userId },
        relations: { user: true },
      });
      if (member === null) throw notFound('member');
      const { username, fullName } = member.user;
      if (member.permission !== permission) {
        await manager.update(WorkspaceMember, { workspaceId: id, userId }, { permission });
        const before = { user_id: userId, permission: member.permission };
        record({ action: 'workspace.member_changed', objectId: id, before, after: { user_id: userId, permission } });
      }
      return { userId, username, fullName, role: permission, addedAt: member.addedAt };
    });
  }

  /** Takes somebody out; everybody may leave. @throws DomainError `not_found` for the workspace or the member, `forbidden` */
  async remove(id: number, userId: number, caller: Principal): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      await this.workspaces.lock(manager, id, caller, userId === caller.userId ? 'view' : 'manage');
      const { affected } = await manager.delete(WorkspaceMember, { workspaceId: id, userId });
      if (affected !== 1) throw notFound('member');
      record({ action: 'workspace.member_removed', objectId: id, before: { user_id: userId } });
    });
  }
}

function noSuchAccount(): DomainError {
  return new DomainError('validation_failed', 'Name the active account of a person in user_id.', {
    errors: [{ field: 'user_id', message: 'must be the id of an active account' }],
  });
}

function full(): DomainError {
  return new DomainError('conflict', `A workspace can have ${MOST_MEMBERS} members. Take somebody out first.`);
}
