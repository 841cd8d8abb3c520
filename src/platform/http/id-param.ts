import { applyDecorators, Param, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { LARGEST_ID } from '../database/page.js';
import { DomainError } from '../errors/domain-error.js';

/** Ids are positive integers; anything else can belong to no row, and says so as a missing row would. */
class IdPipe implements PipeTransform<string, number> {
  transform(text: string): number {
    const id = Number(text);
    if (!/^[1-9]\d{0,9}$/.test(text) || id > LARGEST_ID) {
      throw new DomainError('not_found', 'There is no such row: ids are positive whole numbers.');
    }
    return id;
  }
}

/** A path parameter that is an id. */
export function IdParam(name = 'id'): ParameterDecorator {
  return Param(name, new IdPipe());
}

/** Documents a path parameter that is an id. */
export function ApiId(name = 'id', description = 'The id.'): MethodDecorator {
  return applyDecorators(ApiParam({ name, description, schema: { type: 'integer', minimum: 1 }, example: 1 }));
}
