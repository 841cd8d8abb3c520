import { Global, Module } from '@nestjs/common';
import { LlmConfig } from '../config/index.js';
import { MetricsModule } from '../observability/metrics.module.js';
import { EmbeddingModel } from './embedding-model.js';
import { LanguageModel } from './language-model.js';
import { ModelCalls } from './model-calls.js';
import { ModelLedger } from './model-ledger.js';
import { ModelMetrics } from './model-metrics.js';

/** The models of the installation. Each is null where none is configured. */
@Global()
@Module({
  imports: [MetricsModule],
  providers: [
    ModelMetrics,
    {
      provide: ModelCalls,
      useFactory: (config: LlmConfig, metrics: ModelMetrics, ledger?: ModelLedger) =>
        new ModelCalls(config, ledger ?? null, metrics),
      inject: [LlmConfig, ModelMetrics, { token: ModelLedger, optional: true }],
    },
    {
      provide: LanguageModel,
      useFactory: (config: LlmConfig, calls: ModelCalls) => {
        const { model } = config;
        return model === undefined ? null : new LanguageModel(Object.assign(config, { model }), calls);
      },
      inject: [LlmConfig, ModelCalls],
    },
    {
      provide: EmbeddingModel,
      useFactory: (config: LlmConfig, calls: ModelCalls) => {
        const { embeddingModel } = config;
        return embeddingModel === undefined
          ? null
          : new EmbeddingModel(Object.assign(config, { embeddingModel }), calls);
      },
      inject: [LlmConfig, ModelCalls],
    },
  ],
  exports: [LanguageModel, EmbeddingModel],
})
export class LlmModule {}
