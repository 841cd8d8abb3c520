import { IsInt, IsTimeZone, Max, MaxLength, Min } from 'class-validator';
import { type Calendar, DEFAULT_CALENDAR } from '../../../engine/catalog/calendar.js';

/** How the people of a data source count time: what “today”, “this week” and “FY2025” mean in their questions. */
export class CalendarDto {
  /** The time zone that “today” is a day of, by its IANA name. @example 'Europe/Berlin' */
  @MaxLength(100)
  @IsTimeZone({ message: 'must be the name of a time zone, such as Europe/Berlin' })
  timezone!: string;

  /** The day that weeks begin with, from 1 for Monday to 7 for Sunday. @example 1 */
  @IsInt()
  @Min(1)
  @Max(7)
  week_start!: number;

  /** The month that fiscal years begin with. They are called by the calendar year that they end in. @example 7 */
  @IsInt()
  @Min(1)
  @Max(12)
  fiscal_year_start!: number;

  static from({ timeZone, weekStart, fiscalYearStart }: Calendar = DEFAULT_CALENDAR): CalendarDto {
    return { timezone: timeZone, week_start: weekStart, fiscal_year_start: fiscalYearStart };
  }
}
