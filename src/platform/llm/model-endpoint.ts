import { createOpenAICompatible, type OpenAICompatibleProvider } from '@ai-sdk/openai-compatible';
import type { LlmConfig } from '../config/index.js';

/** An answer beyond it is cut off: no model of use here writes so much. Vectors of a whole batch are below it. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;
const MOST_TEXT_BYTES = 2 * 1024 * 1024;

/** The endpoint, as the AI SDK speaks to it. Its answers are bounded, and it cannot send the key or the request elsewhere. */
export function openEndpoint({ baseUrl = '', apiKey, jsonMode }: LlmConfig): OpenAICompatibleProvider {
  // The SDK would write its warnings to the console, past the log.
  globalThis.AI_SDK_LOG_WARNINGS = false;
  return createOpenAICompatible({
    name: 'endpoint',
    baseURL: baseUrl,
    ...(apiKey === undefined ? {} : { apiKey }),
    includeUsage: true,
    supportsStructuredOutputs: jsonMode === 'schema',
    transformRequestBody: (body) => asTheyTakeIt(body, baseUrl, jsonMode),
    fetch: boundedFetch,
  });
}

function asTheyTakeIt(body: Record<string, unknown>, baseUrl: string, jsonMode: string): Record<string, unknown> {
  const { max_tokens: most, response_format: format, ...rest } = body;
  // OpenAI's own newer models know only the newer name, all others only the older one.
  const isOpenAi = new URL(baseUrl).hostname === 'api.openai.com';
  return {
    ...rest,
    ...(most === undefined ? {} : { [isOpenAi ? 'max_completion_tokens' : 'max_tokens']: most }),
    ...(format === undefined || jsonMode === 'text' ? {} : { response_format: format }),
  };
}

const boundedFetch: typeof globalThis.fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'error' });
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  const isVectors = String(input instanceof Request ? input.url : input).endsWith('/embeddings');
  return new Response(body.pipeThrough(bound(isVectors ? MOST_ANSWER_BYTES : MOST_TEXT_BYTES)), {
    status,
    statusText,
    headers,
  });
};

/** Lets so many bytes through, unpacked, and breaks then. */
function bound(most: number): TransformStream<Uint8Array, Uint8Array> {
  let passed = 0;
  return new TransformStream({
    transform(chunk, controller) {
      passed += chunk.byteLength;
      if (passed > most) controller.error(new AnswerTooLarge('The answer of the model is too large.'));
      else controller.enqueue(chunk);
    },
  });
}

export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}
