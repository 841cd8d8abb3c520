import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, paginateByWays } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import type { ChangeWorkspaceDto, NewWorkspaceDto, SeenWorkspace, WorkspaceListQuery } from './dto/workspace.dto.js';
import { WorkspaceMember, type WorkspacePermission } from './entities/workspace-member.entity.js';
import { Workspace } from './entities/workspace.entity.js';
import { WorkspacePolicy } from './workspace.policy.js';

const TOLD = ['name', 'description', 'userId'] as const;

/** Making, finding, naming and removing workspaces. */
@Injectable()
export class WorkspacesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: WorkspacePolicy,
  ) {}

  /** @throws DomainError `forbidden` for an API key that is for certain data sources */
  async create({ name, description = null }: NewWorkspaceDto, caller: Principal): Promise<SeenWorkspace> {
    this.policy.refuseNarrowKey(caller);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const values = { userId: caller.userId, name: name.trim(), description, version: 1 };
      const workspace = await manager.save(Workspace, values);
      record({ action: 'workspace.created', objectId: workspace.id, after: pick(values, TOLD) });
      return { workspace: await manager.findOneByOrFail(Workspace, { id: workspace.id }), role: 'owner' };
    });
  }

  /** Those that the caller is a member of, newest first. */
  async list(wanted: WorkspaceListQuery, caller: Principal): Promise<Page<SeenWorkspace>> {
    const found = this.visible(caller);
    const { text } = wanted;
    const named = (alias: string): string => `strpos(lower(${alias}.name), lower(:text)) > 0`;
    if (text !== undefined) found.andWhere(named('workspace'), { text });
    const page = await paginateByWays(found, wanted, this.policy.ways(text === undefined ? 'TRUE' : named('one')));
    return { ...page, items: await this.seen(page.items, caller) };
  }

  /** @throws DomainError `not_found`, also when the caller is no member */
  async get(id: number, caller: Principal): Promise<SeenWorkspace> {
    const workspace = await this.visible(caller).andWhere('workspace.id = :id', { id }).getOne();
    const [seen] = workspace === null ? [] : await this.seen([workspace], caller);
    if (seen === undefined) throw notFound('workspace');
    return seen;
  }

  /** @throws DomainError `not_found`, `forbidden` for who may not manage it, `conflict` when it is not the version seen */
  async change(id: number, given: ChangeWorkspaceDto, caller: Principal): Promise<SeenWorkspace> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const workspace = await this.lock(manager, id, caller, 'manage');
      if (given.based_on !== undefined && given.based_on !== workspace.version) throw changedSince();
      const before = { ...workspace };
      workspace.name = given.name?.trim() ?? workspace.name;
      workspace.description = given.description === undefined ? workspace.description : given.description;
      const changed = difference(before, workspace, TOLD);
      if (changed === null) return;
      workspace.version += 1;
      await manager.save(workspace);
      record({ action: 'workspace.changed', objectId: id, ...changed });
    });
    return this.get(id, caller);
  }

  /** Removes a workspace; what lay in it stays with those whose it is. @throws DomainError `not_found`, `forbidden` for members */
  async remove(id: number, caller: Principal): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const workspace = await this.lock(manager, id, caller, 'own');
      await manager.delete(Workspace, { id });
      record({ action: 'workspace.deleted', objectId: id, before: pick(workspace, TOLD) });
    });
  }

  /**
   * The workspace, which nobody else changes before the transaction ends.
   *
   * @throws DomainError `not_found`; `forbidden` for a member who may see it, but not do this
   */
  async lock(
    manager: EntityManager,
    id: number,
    caller: Principal,
    permission: WorkspacePermission | 'own',
  ): Promise<Workspace> {
    const seen = this.visible(caller, 'view', manager);
    const workspace = await seen.andWhere('workspace.id = :id', { id }).setLock('pessimistic_write').getOne();
    if (workspace === null) throw notFound('workspace');
    const allowed = this.visible(caller, permission, manager).andWhere('workspace.id = :id', { id });
    if (await allowed.getExists()) return workspace;
    const needed = permission === 'own' ? 'Only its owner may do this.' : `This takes the permission ${permission}.`;
    throw new DomainError('forbidden', `You are a member of this workspace, but may not do this in it. ${needed}`);
  }

  /** The workspaces that the caller may do something in. */
  visible(
    caller: Principal,
    permission: WorkspacePermission | 'own' = 'view',
    manager: EntityManager = this.dataSource.manager,
  ): SelectQueryBuilder<Workspace> {
    return this.policy.restrict(manager.createQueryBuilder(Workspace, 'workspace'), caller, permission);
  }

  private async seen(workspaces: readonly Workspace[], { userId }: Principal): Promise<SeenWorkspace[]> {
    const members = await this.dataSource.manager
      .createQueryBuilder(WorkspaceMember, 'member')
      .where('member.userId = :userId AND member.workspaceId = ANY(:ids)', {
        userId,
        ids: workspaces.map(({ id }) => id),
      })
      .getMany();
    const permissions = new Map(members.map(({ workspaceId, permission }) => [workspaceId, permission]));
    return workspaces.map((workspace) => ({
      workspace,
      role: workspace.userId === userId ? 'owner' : (permissions.get(workspace.id) ?? 'view'),
    }));
  }
}

function changedSince(): DomainError {
  return new DomainError('conflict', 'Somebody has changed this workspace since. Read it again, and then change it.');
}
