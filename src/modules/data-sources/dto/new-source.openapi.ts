/** A new source in the OpenAPI document: what it takes is decided by its type. */
import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtraModels, getSchemaPath } from '@nestjs/swagger';
import { CreateCombinedSourceDto } from './combined-source.dto.js';
import { CreateDataSourceDto, REMOTE_TYPES } from './remote-source.dto.js';

export function ApiNewSource(): MethodDecorator {
  const [database, combined] = [getSchemaPath(CreateDataSourceDto), getSchemaPath(CreateCombinedSourceDto)];
  const mapping = { ...Object.fromEntries(REMOTE_TYPES.map((type) => [type, database])), combined };
  return applyDecorators(
    ApiExtraModels(CreateDataSourceDto, CreateCombinedSourceDto),
    ApiBody({
      schema: {
        oneOf: [{ $ref: database }, { $ref: combined }],
        discriminator: { propertyName: 'type', mapping },
      },
    }),
  );
}
