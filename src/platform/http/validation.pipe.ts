import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import * as classTransformer from 'class-transformer';
import * as classValidator from 'class-validator';
import type { ValidationError } from 'class-validator';
import { DomainError, type FieldError } from '../errors/domain-error.js';

/** Checks every body and query against its DTO; unknown fields are refused, and every refused field is named. */
export function createValidationPipe(): ValidationPipe {
  return new RequestPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    exceptionFactory: validationError,
    // The very packages that the DTOs were decorated with; left to itself the pipe imports them later, by itself.
    validatorPackage: classValidator,
    transformerPackage: classTransformer,
  });
}

/**
 * What did not come over HTTP, checked as a request would be.
 *
 * @throws DomainError `validation_failed` naming every field that is refused
 */
export async function checkedRequest<T extends object>(type: new () => T, fields: object): Promise<T> {
  return (await createValidationPipe().transform(fields, { type: 'body', metatype: type })) as T;
}

@Injectable()
class RequestPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // Parts of the path are checked by pipes of their own, as text: made a number here, `0x1` and `1.` would be the row 1.
    if (metadata.type === 'param') return value;
    if (metadata.type === 'body' && (typeof value !== 'object' || value === null || Array.isArray(value))) {
      throw new DomainError('malformed_request', 'Send the fields of the request as a JSON object.');
    }
    if (metadata.type === 'body' || metadata.type === 'query') refuseUnstorable(value);
    return super.transform(value, metadata);
  }
}

/** No request of this API is nested deeper; what is would exhaust the stack of whoever walks it. */
const DEEPEST_NESTING = 20;

/** What no database column can hold: NUL, and halves of characters outside the basic plane. */
const NOT_TEXT = /\0|\p{Surrogate}/u;

/** @throws DomainError `validation_failed` naming the field whose text cannot be kept, `malformed_request` on deep nesting */
export function refuseUnstorable(value: unknown, field = '', depth = 0): void {
  if (typeof value === 'string') {
    if (!NOT_TEXT.test(value)) return;
    throw new DomainError('validation_failed', `Remove the characters that are not text from this field: ${field}.`, {
      errors: [{ field, message: 'holds characters that are not text' }],
    });
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEEPEST_NESTING) {
    throw new DomainError('malformed_request', `The request is nested deeper than ${DEEPEST_NESTING} levels.`);
  }
  for (const [key, item] of Object.entries(value)) {
    refuseUnstorable(item, Array.isArray(value) ? `${field}[${key}]` : join(field, key), depth + 1);
  }
}

/** The refusal that names every field which is not valid. */
export function validationError(errors: readonly ValidationError[]): DomainError {
  const fields = errors.flatMap((error) => fieldErrors(error, ''));
  const names = [...new Set(fields.map((field) => field.field))].join(', ');
  return new DomainError('validation_failed', `Correct these fields and send the request again: ${names}.`, {
    errors: fields,
  });
}

function fieldErrors(error: ValidationError, prefix: string): FieldError[] {
  const field = /^\d+$/.test(error.property) ? `${prefix}[${error.property}]` : join(prefix, error.property);
  // Decorators are applied from the bottom up, so the last of the messages is of the topmost one: the type, then its bounds.
  const message = Object.values(error.constraints ?? {}).at(-1);
  const own = message === undefined ? [] : [{ field, message: shorten(message, error.property) }];
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrors(child, field))];
}

function join(prefix: string, property: string): string {
  return prefix === '' ? property : `${prefix}.${property}`;
}

/** "username must be longer than …" → "must be longer than …": the field is named beside it. */
function shorten(message: string, property: string): string {
  if (message === `property ${property} should not exist`) return 'is not a field of this request';
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
