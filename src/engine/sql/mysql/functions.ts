/**
 * The functions that a statement may call in MySQL 8 and MariaDB 10.11, reviewed against both: nothing here reads files,
 * variables, the catalogue or who is connected, changes state, waits, takes locks, or makes work without rows. What is not
 * written here is refused.
 */
import { setOf } from '../select/words.js';

const ARITHMETIC = `
  abs acos asin atan atan2 ceil ceiling conv cos cot crc32 degrees exp floor format ln log log10 log2 mod pi pow power
  radians rand round sign sin sqrt tan truncate bit_count greatest least isnull`;

const CONDITIONS = 'coalesce if ifnull nullif nvl nvl2';

const TEXT = `
  ascii bin bit_length char char_length character_length chr concat concat_ws elt export_set field find_in_set
  from_base64 hex insert instr lcase left length lengthb lower lpad ltrim make_set md5 mid oct octet_length ord position
  quote repeat replace reverse right rpad rtrim sha sha1 sha2 soundex space strcmp substr substring substring_index
  to_base64 trim ucase unhex upper weight_string natural_sort_key regexp_instr regexp_like regexp_replace regexp_substr
  format_bytes compress uncompress uncompressed_length`;

const DATES = `
  adddate addtime add_months convert_tz curdate current_date current_time current_timestamp curtime date date_add
  date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear extract from_days from_unixtime get_format hour
  last_day localtime localtimestamp makedate maketime microsecond minute month monthname now period_add period_diff
  quarter sec_to_time second str_to_date subdate subtime sysdate time time_format time_to_sec timediff timestamp
  timestampadd timestampdiff to_char to_days to_seconds unix_timestamp utc_date utc_time utc_timestamp week weekday
  weekofyear year yearweek`;

const JSON_READING = `
  json_array json_array_append json_array_insert json_compact json_contains json_contains_path json_depth json_detailed
  json_equals json_exists json_extract json_insert json_keys json_length json_loose json_merge_patch json_merge_preserve
  json_normalize json_object json_overlaps json_pretty json_query json_quote json_remove json_replace json_search json_set
  json_type json_unquote json_valid json_value`;

const CONVERSIONS =
  'cast convert row inet_aton inet_ntoa inet6_aton inet6_ntoa is_ipv4 is_ipv6 is_uuid bin_to_uuid uuid_to_bin';

const CHANCE = 'uuid';

const AGGREGATES = `
  any_value avg bit_and bit_or bit_xor count group_concat json_arrayagg json_objectagg max median min percentile_cont
  percentile_disc std stddev stddev_pop stddev_samp sum var_pop var_samp variance grouping`;

const WINDOW_FUNCTIONS = `
  cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number`;

const FULL_TEXT = 'match';

export const FUNCTIONS = setOf(
  ARITHMETIC,
  CONDITIONS,
  TEXT,
  DATES,
  JSON_READING,
  CONVERSIONS,
  CHANCE,
  AGGREGATES,
  WINDOW_FUNCTIONS,
  FULL_TEXT,
);

export const NOT_FOR_ONE_ROW = setOf(AGGREGATES, WINDOW_FUNCTIONS, FULL_TEXT, 'rand uuid');
