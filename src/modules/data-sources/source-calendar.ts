import type { EntityManager } from 'typeorm';
import type { Calendar, Weekday } from '../../engine/catalog/calendar.js';
import type { CalendarDto } from './dto/calendar.dto.js';
import { DataSourceConfig } from './entities/data-source-config.entity.js';

/** The key under which it is kept how the people of a source count time. */
const CALENDAR = 'calendar';

/** Null where nobody has said anything. */
export async function readCalendar(manager: EntityManager, dataSourceId: number): Promise<Calendar | null> {
  const setting = await manager.findOneBy(DataSourceConfig, { dataSourceId, key: CALENDAR });
  return (setting?.value as Calendar | undefined) ?? null;
}

export async function keepCalendar(
  manager: EntityManager,
  dataSourceId: number,
  { timezone, week_start, fiscal_year_start }: CalendarDto,
): Promise<void> {
  const value: Calendar = {
    timeZone: timezone,
    weekStart: week_start as Weekday,
    fiscalYearStart: fiscal_year_start,
  };
  await manager.upsert(DataSourceConfig, { dataSourceId, key: CALENDAR, value: { ...value } }, ['dataSourceId', 'key']);
}
