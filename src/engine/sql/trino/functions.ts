/**
 * The functions that a statement may call in Trino. Reviewed: nothing here reads the catalogue, the session or who is
 * connected, passes queries through to a source, waits, or fails on purpose. What is not written here is refused.
 */
import { setOf } from '../select/words.js';

const ARITHMETIC = `
  abs acos asin atan atan2 cbrt ceil ceiling cos cosh cosine_similarity degrees e exp floor from_base greatest infinity
  inverse_beta_cdf inverse_normal_cdf beta_cdf normal_cdf is_finite is_infinite is_nan least ln log log10 log2 mod nan pi
  pow power radians round sign sin sinh sqrt tan tanh to_base truncate width_bucket wilson_interval_lower
  wilson_interval_upper bit_count bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift
  bitwise_right_shift_arithmetic bitwise_xor`;

const CONDITIONS = 'coalesce if nullif try';

const CONVERSIONS = `
  cast try_cast format format_number parse_data_size parse_duration typeof from_base32 to_base32 from_base64 to_base64
  from_base64url to_base64url from_hex to_hex from_utf8 to_utf8 from_big_endian_64 to_big_endian_64 from_ieee754_64
  to_ieee754_64 row`;

const TEXT = `
  chr codepoint concat concat_ws crc32 hamming_distance index length levenshtein_distance lower lpad ltrim luhn_check md5
  murmur3 normalize position regexp_count regexp_extract regexp_extract_all regexp_like regexp_position regexp_replace
  regexp_split replace reverse rpad rtrim sha1 sha256 sha512 soundex spooky_hash_v2_32 spooky_hash_v2_64 split split_part
  split_to_map split_to_multimap starts_with strpos substr substring translate trim upper word_stem xxhash64 hmac_sha256
  url_decode url_encode url_extract_fragment url_extract_host url_extract_parameter url_extract_path url_extract_port
  url_extract_protocol url_extract_query bar`;

const DATES = `
  at_timezone current_date current_time current_timestamp date date_add date_diff date_format date_parse date_trunc day
  day_of_month day_of_week day_of_year dow doy extract format_datetime from_iso8601_date from_iso8601_timestamp
  from_unixtime from_unixtime_nanos hour human_readable_seconds last_day_of_month localtime localtimestamp millisecond
  minute month now parse_datetime quarter second timezone_hour timezone_minute to_iso8601 to_milliseconds to_unixtime week
  week_of_year with_timezone year year_of_week yow timezone`;

const LISTS = `
  all_match any_match array_distinct array_except array_first array_histogram array_intersect array_join array_last
  array_max array_min array_position array_remove array_sort array_union arrays_overlap cardinality combinations contains
  contains_sequence element_at filter flatten none_match ngrams reduce repeat sequence shuffle slice transform trim_array
  zip zip_with map map_concat map_entries map_filter map_from_entries map_keys map_values map_zip_with multimap_from_entries
  transform_keys transform_values`;

const JSON_READING = `
  is_json_scalar json_array_contains json_array_get json_array_length json_extract json_extract_scalar json_format
  json_parse json_size`;

const PLACES = `
  st_area st_astext st_buffer st_centroid st_contains st_distance st_geometryfromtext st_intersects st_length st_point
  st_within st_x st_y great_circle_distance to_spherical_geography`;

const CHANCE = 'rand random uuid';

const AGGREGATES = `
  any_value approx_distinct approx_most_frequent approx_percentile arbitrary array_agg avg bitwise_and_agg bitwise_or_agg
  bitwise_xor_agg bool_and bool_or checksum corr count count_if covar_pop covar_samp every geometric_mean histogram
  kurtosis listagg map_agg map_union max max_by min min_by multimap_agg numeric_histogram reduce_agg regr_intercept
  regr_slope regr_count regr_avgx regr_avgy regr_r2 regr_sxx regr_sxy regr_syy skewness stddev stddev_pop stddev_samp sum
  tdigest_agg var_pop var_samp variance grouping approx_set merge value_at_quantile quantile_at_value`;

const WINDOW_FUNCTIONS = `
  cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number`;

export const FUNCTIONS = setOf(
  ARITHMETIC,
  CONDITIONS,
  CONVERSIONS,
  TEXT,
  DATES,
  LISTS,
  JSON_READING,
  PLACES,
  CHANCE,
  AGGREGATES,
  WINDOW_FUNCTIONS,
  // Behind GROUP BY.
  'rollup cube',
);

export const NOT_FOR_ONE_ROW = setOf(AGGREGATES, WINDOW_FUNCTIONS, CHANCE, 'shuffle rollup cube');
