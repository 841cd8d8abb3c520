/**
 * The functions, operators and types a statement may use. Reviewed against PostgreSQL 12 to 18: nothing here reads files,
 * settings, the catalogue, sequences, large objects or who is connected, changes state, waits, takes locks, or runs SQL
 * given as text. What is not written here is refused. Some functions can make large values or use much time (`repeat`,
 * regular expressions); the limits of the connection contain those.
 */
import type { Node } from 'libpg-query';
import { nameParts } from './walker.js';

const words = (...groups: string[]): string[] => groups.flatMap((group) => group.trim().split(/\s+/));
const setOf = (...groups: string[]): ReadonlySet<string> => new Set(words(...groups));

const ARITHMETIC = `
  abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh cbrt ceil ceiling cos cosd cosh cot cotd degrees div
  erf erfc exp factorial floor gamma gcd lcm lgamma ln log log10 min_scale mod pi pow power radians random_normal round
  scale sign sin sind sinh sqrt tan tand tanh trim_scale trunc width_bucket num_nonnulls num_nulls`;

/** Functions whose name is a type convert to it. */
const CONVERSIONS = `
  bool bpchar bytea date float4 float8 int2 int4 int8 interval json jsonb numeric text time timestamp timestamptz timetz
  varchar uuid
  to_char to_date to_number to_timestamp to_hex to_bin to_oct`;

const TEXT = `
  ascii bit_length btrim casefold char_length character_length chr concat concat_ws convert_from convert_to crc32 crc32c
  decode encode format initcap is_normalized left length lower lpad ltrim md5 normalize octet_length overlay parse_ident
  position quote_ident quote_literal quote_nullable regexp_count regexp_instr regexp_like regexp_match regexp_matches
  regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr repeat replace reverse right rpad rtrim sha224
  sha256 sha384 sha512 similar_escape similar_to_escape split_part starts_with string_to_array string_to_table strpos
  substr substring to_ascii translate unicode_assigned unistr upper like_escape
  bit_count get_bit get_byte set_bit set_byte`;

const DATES = `
  age clock_timestamp date_add date_bin date_part date_subtract date_trunc extract isfinite justify_days justify_hours
  justify_interval make_date make_interval make_time make_timestamp make_timestamptz now overlaps statement_timestamp
  timezone transaction_timestamp`;

const IDENTIFIERS_AND_CHANCE = 'gen_random_uuid random uuidv4 uuidv7 uuid_extract_timestamp uuid_extract_version';

const ARRAYS = `
  array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position array_positions
  array_prepend array_remove array_replace array_reverse array_sample array_shuffle array_sort array_to_json
  array_to_string array_upper cardinality generate_series generate_subscripts trim_array unnest`;

const JSON_READING = `
  json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_each
  json_each_text json_extract_path json_extract_path_text json_object json_object_keys json_strip_nulls json_to_record
  json_to_recordset json_typeof jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array
  jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object
  jsonb_object_keys jsonb_path_exists jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query
  jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz
  jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof row_to_json
  to_json to_jsonb`;

const RANGES = `
  daterange datemultirange int4range int4multirange int8range int8multirange isempty lower_inc lower_inf multirange
  nummultirange numrange range_merge tsmultirange tsrange tstzmultirange tstzrange upper_inc upper_inf`;

const GEOMETRY = `
  area bound_box box center circle diagonal diameter height isclosed ishorizontal isopen isparallel isperp isvertical
  line lseg npoints path pclose point polygon popen radius slope width`;

const NETWORK = `
  abbrev broadcast family host hostmask inet_merge inet_same_family masklen netmask network set_masklen
  macaddr8_set7bit`;

const TEXT_SEARCH = `
  array_to_tsvector numnode phraseto_tsquery plainto_tsquery querytree setweight strip to_tsquery to_tsvector
  ts_delete ts_filter ts_headline ts_rank ts_rank_cd tsquery_phrase tsvector_to_array websearch_to_tsquery`;

const TYPES_AND_ENUMS = 'enum_first enum_last enum_range pg_typeof pg_size_pretty';

const AGGREGATES = `
  any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every json_agg
  json_agg_strict json_object_agg json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict jsonb_agg
  jsonb_agg_strict jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict max min
  mode percentile_cont percentile_disc range_agg range_intersect_agg regr_avgx regr_avgy regr_count regr_intercept
  regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance`;

const WINDOW_FUNCTIONS = `
  cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number`;

const VOLATILE = 'clock_timestamp gen_random_uuid random random_normal array_sample array_shuffle uuidv4 uuidv7';

const SET_RETURNING = `
  generate_series generate_subscripts json_array_elements json_array_elements_text json_each json_each_text
  json_object_keys json_to_record json_to_recordset jsonb_array_elements jsonb_array_elements_text jsonb_each
  jsonb_each_text jsonb_object_keys jsonb_path_query jsonb_path_query_tz jsonb_to_record jsonb_to_recordset
  regexp_matches regexp_split_to_table string_to_table unnest`;

export const FUNCTIONS: ReadonlySet<string> = setOf(
  ARITHMETIC,
  CONVERSIONS,
  TEXT,
  DATES,
  IDENTIFIERS_AND_CHANCE,
  ARRAYS,
  JSON_READING,
  RANGES,
  GEOMETRY,
  NETWORK,
  TEXT_SEARCH,
  TYPES_AND_ENUMS,
  AGGREGATES,
  WINDOW_FUNCTIONS,
);

const AGGREGATE_NAMES = setOf(AGGREGATES);

/** Whether a node is an aggregate over the rows of a group, and not over a window. */
export function isAggregate(node: Node): boolean {
  if (!('FuncCall' in node) || node.FuncCall.over !== undefined) return false;
  return AGGREGATE_NAMES.has(nameParts(node.FuncCall.funcname).at(-1) ?? '');
}

/** Functions whose value a row alone does not decide: not for row rules. */
export const NOT_FOR_ONE_ROW: ReadonlySet<string> = setOf(AGGREGATES, WINDOW_FUNCTIONS, VOLATILE, SET_RETURNING);

/** The columns of functions in FROM that do not take the alias as their name. */
export const FUNCTION_COLUMNS: Readonly<Record<string, readonly string[] | undefined>> = {
  json_array_elements: ['value'],
  json_array_elements_text: ['value'],
  json_each: ['key', 'value'],
  json_each_text: ['key', 'value'],
  jsonb_array_elements: ['value'],
  jsonb_array_elements_text: ['value'],
  jsonb_each: ['key', 'value'],
  jsonb_each_text: ['key', 'value'],
};

/** Functions in FROM that always have one column, named by the alias. */
export const SCALAR_SETS: ReadonlySet<string> = setOf(
  'generate_series generate_subscripts regexp_matches regexp_split_to_table string_to_table',
);

export const OPERATORS: ReadonlySet<string> = setOf(`
  + - * / % ^ |/ ||/ !! @ & | # ~ << >> || = <> < > <= >=
  ~~ !~~ ~~* !~~* ~* !~ !~* ^@ -> ->> #> #>> #- @> <@ ? ?| ?& @? @@ @@@ && -|- &< &> <<= >>=
  <-> <<| |>> &<| |&> <^ >^ ~= ?# ?- ?-| ?|| @-@ ##`);

/** Types by the names that the parser gives them. */
export const TYPES: ReadonlySet<string> = setOf(`
  bool int2 int4 int8 numeric float4 float8 text varchar bpchar char name bytea date time timetz timestamp timestamptz
  interval uuid json jsonb jsonpath inet cidr macaddr macaddr8 bit varbit money point line lseg box path polygon circle
  tsvector tsquery int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange nummultirange
  tsmultirange tstzmultirange datemultirange`);
