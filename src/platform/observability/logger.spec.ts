import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { errorForLog } from './logger.js';

describe('what the log tells of an error', () => {
  it('is its kind and where it came from, and never the parameters of a statement', () => {
    const driverError = Object.assign(new Error('duplicate key value'), {
      code: '23505',
      constraint: 'uq_users_email',
      detail: 'Key (email)=(ada@example.com) already exists.',
    });
    const failed = new QueryFailedError('INSERT INTO users VALUES ($1)', ['ada@example.com'], driverError);
    const told = errorForLog(failed);
    expect(told).toEqual({
      type: 'QueryFailedError',
      message: 'duplicate key value',
      code: '23505',
      constraint: 'uq_users_email',
      stack: expect.stringContaining('logger.spec'),
    });
    expect(JSON.stringify(told)).not.toContain('ada@example.com');
  });

  it('is the text of what is no error', () => {
    expect(errorForLog('no reason')).toEqual({ type: 'string', message: 'no reason' });
  });
});
