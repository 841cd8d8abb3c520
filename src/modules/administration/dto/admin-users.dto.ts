import { Type } from 'class-transformer';
import { IsBoolean, IsInt, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import { AccountDto } from '../../users/index.js';

export class UserListQuery extends PageQuery {
  /** Part of a user name, email or full name. @example 'ada' */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(254)
  search?: string;
}

export class AccountPageDto {
  items!: AccountDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;
}

export class SetActiveDto {
  @IsBoolean()
  is_active!: boolean;
}

export class RemoveAccountQuery {
  /** The id of the account that gets data sources, dashboards, workspaces and documents. @example 1 */
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  transfer_to?: number;
}
