import { describe, expect, it } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { EnvironmentReader } from '../../../platform/config/environment.js';
import { MetricsConfig } from '../../../platform/config/metrics.config.js';
import { ScrapeGuard } from './scrape.guard.js';

describe('the guard of metrics', () => {
  const guarded = (environment: Record<string, string>, authorization?: string): (() => boolean) => {
    const guard = new ScrapeGuard(new MetricsConfig(new EnvironmentReader(environment)));
    return () => guard.canActivate(new ExecutionContextHost([{ headers: { authorization } }]));
  };

  it('lets nobody in while no token is configured, whatever they send', () => {
    for (const sent of [undefined, 'Bearer', 'Bearer ', 'Bearer undefined', 'Bearer null']) {
      expect(guarded({}, sent)).toThrow(expect.objectContaining({ code: 'forbidden' }));
    }
    expect(guarded({ METRICS_TOKEN: '  ' }, 'Bearer ')).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  it('lets in who sends the token, and not who sends another one', () => {
    const environment = { METRICS_TOKEN: '0123456789abcdef' };
    expect(guarded(environment, 'Bearer 0123456789abcdef')()).toBe(true);
    expect(guarded(environment, 'bearer 0123456789abcdef')()).toBe(true);
    expect(guarded(environment, 'Bearer 0123456789abcdeF')).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    );
  });

  it('refuses to start with a token that can be guessed', () => {
    expect(guarded.bind(null, { METRICS_TOKEN: '0123456789abcde' })).toThrow(/METRICS_TOKEN must have at least 16/);
  });
});
