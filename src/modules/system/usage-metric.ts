/** What is counted because it costs. */
export const USAGE_METRICS = ['query_time', 'token_usage', 'storage', 'model_api_calls'] as const;
export type UsageMetric = (typeof USAGE_METRICS)[number];

/** What a budget can be about: one of these, or the money that all of them cost together. */
export const BUDGET_METRICS = [...USAGE_METRICS, 'cost'] as const;
export type BudgetMetric = (typeof BUDGET_METRICS)[number];
