import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { type Change, difference, pick, UnitOfWork } from '../../platform/audit/index.js';
import { isDuplicate, type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import type {
  ChangePromptTemplateDto,
  FillInDto,
  FilledInDto,
  NewPromptTemplateDto,
  PromptVariableDto,
} from './dto/prompt-template.dto.js';
import { PromptTemplateVersion } from './entities/prompt-template-version.entity.js';
import { PromptTemplate } from './entities/prompt-template.entity.js';
import { checkTemplate, fillIn, type PromptVariable } from './prompt-text.js';

const TOLD = ['name', 'description', 'template', 'variables', 'version'] as const;

/** Texts for language models. They are the installation's: who may read them reads all of them. */
@Injectable()
export class PromptTemplatesService {
  constructor(
    @InjectRepository(PromptTemplate) private readonly templates: Repository<PromptTemplate>,
    @InjectRepository(PromptTemplateVersion) private readonly texts: Repository<PromptTemplateVersion>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Newest first. */
  async list(page: PageQuery): Promise<Page<PromptTemplate>> {
    return paginate(this.templates.createQueryBuilder('template'), page);
  }

  /** @throws DomainError `not_found` */
  async get(id: number): Promise<PromptTemplate> {
    return found(await this.templates.findOneBy({ id }));
  }

  /** @throws DomainError `validation_failed` when text and variables do not fit, `conflict` when the name is taken */
  async create(given: NewPromptTemplateDto, caller: Principal): Promise<PromptTemplate> {
    const { name, description = null, template } = given;
    const variables = given.variables.map(asVariable);
    checkTemplate(template, variables);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const values = { name, description, template, variables, version: 1, createdBy: caller.userId };
      const made = await saved(manager, manager.create(PromptTemplate, values));
      await keepVersion(manager, made, caller);
      record({ action: 'prompt_template.created', objectId: made.id, after: pick(made, TOLD) });
      return made;
    });
  }

  /**
   * Changes what is given; another text or other variables become the next version.
   *
   * @throws DomainError `not_found`, `validation_failed`, `conflict` when the name is taken or the version is not the one seen
   */
  async change(id: number, given: ChangePromptTemplateDto, caller: Principal): Promise<PromptTemplate> {
    return this.unitOfWork.run(async (change) => {
      const template = await locked(change.manager, id);
      if (given.based_on !== undefined && given.based_on !== template.version) throw changedSince();
      return rewrite(change, template, caller, {
        name: given.name ?? template.name,
        description: given.description === undefined ? template.description : given.description,
        template: given.template ?? template.template,
        variables: given.variables?.map(asVariable) ?? template.variables,
      });
    });
  }

  /** The texts that a template has had, the present one first. */
  async versions(id: number, page: PageQuery): Promise<Page<PromptTemplateVersion>> {
    await this.get(id);
    return paginate(this.texts.createQueryBuilder('text').where('text.templateId = :id', { id }), page);
  }

  /**
   * Makes an earlier text the next version.
   *
   * @throws DomainError `not_found` for the template or the version
   */
  async restore(id: number, version: number, caller: Principal): Promise<PromptTemplate> {
    return this.unitOfWork.run(async (change) => {
      const present = await locked(change.manager, id);
      const earlier = await change.manager.findOneBy(PromptTemplateVersion, { templateId: id, version });
      if (earlier === null) throw notFound('version');
      const { template, variables } = earlier;
      return rewrite(change, present, caller, { template, variables });
    });
  }

  /** @throws DomainError `not_found` */
  async remove(id: number): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const template = await locked(manager, id);
      await manager.delete(PromptTemplate, { id });
      record({ action: 'prompt_template.deleted', objectId: id, before: pick(template, TOLD) });
    });
  }

  /** @throws DomainError `not_found`, `validation_failed` naming the values that do not fit */
  async render(id: number, { variables: values }: FillInDto): Promise<FilledInDto> {
    const { template, variables, version } = await this.get(id);
    return { text: fillIn(template, variables, values), version };
  }
}

/** The template, which nobody else changes before the transaction ends. */
async function locked(manager: EntityManager, id: number): Promise<PromptTemplate> {
  return found(await manager.findOne(PromptTemplate, { where: { id }, lock: { mode: 'pessimistic_write' } }));
}

async function rewrite(
  { manager, record }: Change,
  template: PromptTemplate,
  caller: Principal,
  wanted: Partial<Pick<PromptTemplate, 'name' | 'description' | 'template' | 'variables'>>,
): Promise<PromptTemplate> {
  const before = { ...template };
  Object.assign(template, wanted);
  checkTemplate(template.template, template.variables);
  const changed = difference(before, template, TOLD);
  if (changed === null) return template;
  const isAnotherText = difference(before, template, ['template', 'variables']) !== null;
  if (isAnotherText) template.version += 1;
  const after = await saved(manager, template);
  if (isAnotherText) await keepVersion(manager, after, caller);
  record({ action: 'prompt_template.changed', objectId: after.id, ...(difference(before, after, TOLD) ?? changed) });
  return after;
}

async function saved(manager: EntityManager, template: PromptTemplate): Promise<PromptTemplate> {
  try {
    return await manager.save(template);
  } catch (error) {
    throw isDuplicate(error)
      ? new DomainError('conflict', 'There is a prompt template of this name already. Choose another name.')
      : error;
  }
}

async function keepVersion(manager: EntityManager, one: PromptTemplate, { userId }: Principal): Promise<void> {
  const { id: templateId, version, template, variables } = one;
  await manager.insert(PromptTemplateVersion, { templateId, version, template, variables, createdBy: userId });
}

function asVariable({ name, type, max_length: maxLength }: PromptVariableDto): PromptVariable {
  return { name, type, maxLength };
}

function found(template: PromptTemplate | null): PromptTemplate {
  if (template === null) throw notFound('prompt template');
  return template;
}

function changedSince(): DomainError {
  return new DomainError('conflict', 'Somebody has changed this template since. Read it again, and then change it.');
}
