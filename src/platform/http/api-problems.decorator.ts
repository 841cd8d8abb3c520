import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { ErrorCode } from '../errors/domain-error.js';
import { PROBLEM_KINDS } from './problem.js';

/** Documents which problems a route can answer with, beside those that every route can. */
export function ApiProblems(...codes: ErrorCode[]): MethodDecorator {
  const statuses = [...new Set(codes.map((code) => PROBLEM_KINDS[code].status))];
  return applyDecorators(
    ...statuses.map((status) => {
      const same = codes.filter((code) => PROBLEM_KINDS[code].status === status);
      return ApiResponse({ status, ...problemResponse(status, same) });
    }),
  );
}

/** An OpenAPI response for one status, with an example for each code. */
export function problemResponse(status: number, codes: ErrorCode[]) {
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEM_KINDS[code].title}`).join(' · '),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleProblem(status, code) }])),
      },
    },
  };
}

function exampleProblem(status: number, code: ErrorCode): Record<string, unknown> {
  return {
    type: `urn:lumiere:problem:${code.replaceAll('_', '-')}`,
    title: PROBLEM_KINDS[code].title,
    status,
    detail: 'A sentence that says what to do.',
    code,
    instance: '/api/v1/…',
    request_id: 'b1946ac92492d2347c6235b4d2611184',
  };
}
