import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { JobQueue } from '../../../platform/jobs/index.js';
import type { ScheduledReport } from '../entities/scheduled-report.entity.js';

const CRON = 'must be five fields as crontab has them, with a time to come, such as 0 7 * * 1-5';

/** When reports run. */
@Injectable()
export class ReportTimes {
  constructor(private readonly jobs: JobQueue) {}

  /**
   * The first time after now, or after `from`. A time of day that the clock leaves out in spring is an hour later that day; one that it has
   * twice in autumn counts once, the first time.
   */
  next({ cronExpr, timezone }: Pick<ScheduledReport, 'cronExpr' | 'timezone'>, from?: Date): Date | null {
    return this.jobs.nextTimes(cronExpr, timezone, 1, from)[0] ?? null;
  }

  /** @throws DomainError `validation_failed` naming what cannot be read */
  check(cronExpr: string, timezone: string): void {
    try {
      Intl.DateTimeFormat('en', { timeZone: timezone });
    } catch (cause) {
      throw unreadable('timezone', 'must be a name of the IANA time zone database, such as Europe/Berlin', cause);
    }
    try {
      if (cronExpr.trim().split(/\s+/).length === 5 && this.next({ cronExpr, timezone }) !== null) return;
    } catch (cause) {
      throw unreadable('cron_expr', CRON, cause);
    }
    throw unreadable('cron_expr', CRON);
  }
}

function unreadable(field: string, message: string, cause?: unknown): DomainError {
  return new DomainError('validation_failed', `The time of the report cannot be read: ${field} ${message}.`, {
    errors: [{ field, message }],
    cause,
  });
}
