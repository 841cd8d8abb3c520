import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AlertEvent } from './entities/alert-event.entity.js';
import { Alert } from './entities/alert.entity.js';
import { UsersModule } from '../users/index.js';
import { AlertEvaluations } from './alerts/alert-evaluations.js';
import { AlertOutcomes } from './alerts/alert-outcomes.js';
import { AlertsController } from './alerts/alerts.controller.js';
import { AlertsService } from './alerts/alerts.service.js';
import { AuditTrailsController } from './audit-trails.controller.js';
import { AuditTrailsService } from './audit-trails.service.js';
import { AuditVerification } from './audit-verification.service.js';
import { AuditChain } from './entities/audit-chain.entity.js';
import { AuditTrail } from './entities/audit-trail.entity.js';
import { Budget } from './entities/budget.entity.js';
import { IdempotencyKey } from './entities/idempotency-key.entity.js';
import { Notification } from './entities/notification.entity.js';
import { SystemLog } from './entities/system-log.entity.js';
import { UsageCost } from './entities/usage-cost.entity.js';
import { WebhookDelivery } from './entities/webhook-delivery.entity.js';
import { Webhook } from './entities/webhook.entity.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { IdempotencyKeys } from './idempotency-keys.service.js';
import { SystemLogsController } from './logs/system-logs.controller.js';
import { SystemLogs } from './logs/system-logs.service.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { ProcessMetrics } from './metrics/process-metrics.js';
import { QueryMetrics } from './metrics/query-metrics.js';
import { ScrapeGuard } from './metrics/scrape.guard.js';
import { InboxService } from './notifications/inbox.service.js';
import { NotificationMails } from './notifications/notification-mails.js';
import { NotificationStreams } from './notifications/notification-streams.js';
import { NotificationsController } from './notifications/notifications.controller.js';
import { NotificationsService } from './notifications/notifications.service.js';
import { BudgetChanges } from './usage/budget-changes.service.js';
import { BudgetWarnings } from './usage/budget-warnings.js';
import { BudgetsController } from './usage/budgets.controller.js';
import { BudgetsService } from './usage/budgets.service.js';
import { QueryUsage } from './usage/query-usage.js';
import { UsageReports } from './usage/usage-reports.service.js';
import { UsageController } from './usage/usage.controller.js';
import { UsageService } from './usage/usage.service.js';
import { DeliveryAttempts } from './webhooks/delivery-attempts.js';
import { WebhookDeliveries } from './webhooks/webhook-deliveries.service.js';
import { WebhookSender } from './webhooks/webhook-sender.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WebhooksService } from './webhooks/webhooks.service.js';

@Module({
  imports: [
    UsersModule,
    TypeOrmModule.forFeature([
      AlertEvent,
      Alert,
      AuditChain,
      AuditTrail,
      Budget,
      IdempotencyKey,
      Notification,
      SystemLog,
      UsageCost,
      WebhookDelivery,
      Webhook,
    ]),
  ],
  controllers: [
    HealthController,
    MetricsController,
    AlertsController,
    AuditTrailsController,
    BudgetsController,
    NotificationsController,
    SystemLogsController,
    UsageController,
    WebhooksController,
  ],
  providers: [
    HealthService,
    ProcessMetrics,
    QueryMetrics,
    ScrapeGuard,
    AlertEvaluations,
    AlertOutcomes,
    AlertsService,
    AuditTrailsService,
    AuditVerification,
    IdempotencyKeys,
    SystemLogs,
    NotificationMails,
    NotificationsService,
    NotificationStreams,
    InboxService,
    BudgetChanges,
    BudgetsService,
    BudgetWarnings,
    QueryUsage,
    UsageReports,
    UsageService,
    DeliveryAttempts,
    WebhookDeliveries,
    WebhookSender,
    WebhooksService,
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  ],
  exports: [BudgetsService, NotificationsService, SystemLogs, UsageService, WebhookDeliveries],
})
export class SystemModule {}
