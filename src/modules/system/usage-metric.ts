/** What is counted because it costs. */
export const USAGE_METRICS = ['query_time', 'token_usage', 'storage', 'model_api_calls'] as const;
export type UsageMetric = (typeof USAGE_METRICS)[number];
