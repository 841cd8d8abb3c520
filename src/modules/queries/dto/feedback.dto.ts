import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { FEEDBACK_RATINGS, type FeedbackRating, type QueryFeedback } from '../entities/query-feedback.entity.js';

export class GiveFeedbackDto {
  @IsIn(FEEDBACK_RATINGS)
  rating!: FeedbackRating;

  /** What is wrong, or right. @example 'Cancelled orders should not count.' */
  @IsOptional()
  @IsString()
  @MaxLength(10_000)
  comment?: string | null;

  /** The SQL as it should have been: when you ask the same again, it is what runs, under your access rules. @example 'SELECT count(*) FROM orders' */
  @IsOptional()
  @IsString()
  @MaxLength(100_000)
  corrected_sql?: string | null;
}

/** What a person thinks of an answer. */
export class FeedbackDto {
  /** @example 1 */
  query_id!: number;
  rating!: FeedbackRating;
  comment!: string | null;
  corrected_sql!: string | null;
  created_at!: Date;
  updated_at!: Date;

  static from({ queryId, rating, comment, correctedSql, createdAt, updatedAt }: QueryFeedback): FeedbackDto {
    return {
      query_id: queryId,
      rating,
      comment,
      corrected_sql: correctedSql,
      created_at: createdAt,
      updated_at: updatedAt,
    };
  }
}
