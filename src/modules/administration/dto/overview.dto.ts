/** Figures of the whole installation. */
export class OverviewDto {
  users!: UserFiguresDto;
  data_sources!: DataSourceFiguresDto;
  queries!: QueryFiguresDto;
  storage!: StorageFiguresDto;
  costs!: CostFiguresDto;
  /** One entry for each of the last 30 days (UTC), oldest first, today included. */
  growth!: DayDto[];
}

export class UserFiguresDto {
  /** @example 12 */
  total!: number;
  /** @example 11 */
  active!: number;
  /** Active accounts with the role `admin`. @example 2 */
  administrators!: number;
}

export class DataSourceFiguresDto {
  /** @example 5 */
  total!: number;
  /** Rows of all tables together. @example 130000 */
  rows!: number;
}

export class QueryFiguresDto {
  /** @example 900 */
  total!: number;
  /** How many there are in each state. @example { "succeeded": 870, "failed": 30 } */
  by_status!: Record<string, number>;
}

export class StorageFiguresDto {
  /** Bytes of uploaded data as stored. @example 2500000 */
  sources_bytes!: number;
  /** Bytes of stored results. @example 400000 */
  results_bytes!: number;
  /** @example 2900000 */
  total_bytes!: number;
}

/** What all runs together have cost; of queries that were removed nothing is left. */
export class CostFiguresDto {
  /** Money, in the currency that model prices are configured in. @example 1.25 */
  amount!: number;
  /** @example 120000 */
  tokens!: number;
  /** Calls to models and other paid services. @example 340 */
  api_calls!: number;
  /** Time that sources have worked, in milliseconds. @example 51000 */
  query_time_ms!: number;
}

export class DayDto {
  /** A day in UTC. @example '2031-12-31' */
  date!: string;
  /** Accounts made on that day that still exist. @example 1 */
  users!: number;
  /** @example 0 */
  data_sources!: number;
  /** @example 42 */
  queries!: number;
}
