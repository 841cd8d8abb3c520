import { buildMessage, ValidateBy } from 'class-validator';

/** The text takes no more than `bytes` bytes as UTF-8. */
export function MaxBytes(bytes: number): PropertyDecorator {
  return ValidateBy({
    name: 'maxBytes',
    constraints: [bytes],
    validator: {
      validate: (value) => typeof value === 'string' && Buffer.byteLength(value) <= bytes,
      defaultMessage: buildMessage((prefix) => `${prefix}$property must not be longer than ${bytes} bytes`),
    },
  });
}
