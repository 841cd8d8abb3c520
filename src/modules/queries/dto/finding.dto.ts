import { ApiProperty } from '@nestjs/swagger';
import type { Figure, Finding, FindingType } from '../../../engine/findings/index.js';

/** How sure it is that a finding is no accident. */
export class SignificanceDto {
  /** @example 'Mann–Kendall' */
  test!: string;
  /** @example 4.2 */
  statistic!: number;
  /** @example 0.00003 */
  p_value!: number;
  /** The p-value corrected for the number of tests on the same result (Holm). @example 0.0002 */
  adjusted!: number;
}

/** One thing worth saying about a result. */
export class FindingDto {
  /** Names the finding among those of its query. @example 'trend-0-1' */
  key!: string;
  type!: FindingType;
  /** @example 'Revenue rises' */
  title!: string;
  /** @example 'Revenue rises by about 1,200 a month over 24 months, from Jan 2024 to Dec 2025.' */
  sentence!: string;
  /** The figures behind the sentence; shares are fractions of one, exact values of the result as it has them. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { slope_per_period: 1203.4, periods: 24 } })
  figures!: Record<string, Figure>;
  significance!: SignificanceDto;
  /** One less the adjusted p-value. @example 0.9998 */
  confidence_score!: number;
  /** Where the rows behind it stand in the result, from 0; empty where it is about all of them. */
  rows!: number[];
  /** The groups or periods behind it. @example ['Jan 2024', 'Dec 2025'] */
  keys!: string[];
  /** The columns that it is about. @example ['month', 'revenue'] */
  columns!: string[];

  static from(finding: Finding): FindingDto {
    return { ...finding };
  }
}

/** What stands out in the result of a query, the most telling first; nothing when nothing does. */
export class FindingsDto {
  items!: FindingDto[];

  static from({ findings }: { findings: readonly Finding[] }): FindingsDto {
    return { items: findings.map((finding) => FindingDto.from(finding)) };
  }
}
