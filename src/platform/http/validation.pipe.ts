import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { DomainError, type FieldError } from '../errors/domain-error.js';

/** Checks every body and query against its DTO; unknown fields are refused, and every refused field is named. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    exceptionFactory: validationError,
  });
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
  const own = Object.values(error.constraints ?? {}).map((message) => ({
    field,
    message: shorten(message, error.property),
  }));
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
