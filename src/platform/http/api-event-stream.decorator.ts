import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import { ApiProblems } from './api-problems.decorator.js';

/**
 * Documents a route that answers with server-sent events about something that ends, and goes on after `Last-Event-ID`.
 *
 * @param description the events, each with what it holds
 * @param last what the last event is called: `` `finished` ``, or "the last event"
 */
export function ApiEventStream(description: string, last: string): MethodDecorator {
  return applyDecorators(
    ApiHeader({ name: 'Last-Event-ID', required: false, description: 'The id of the last event that you have got.' }),
    ApiOkResponse({ description, content: { 'text/event-stream': { schema: { type: 'string' } } } }),
    ApiNoContentResponse({
      description: `The \`Last-Event-ID\` was that of ${last}. There is nothing to come back for.`,
    }),
    ApiProblems('not_found', 'rate_limited', 'overloaded'),
  );
}
