/**
 * The functions that a statement may call in ClickHouse. Reviewed: nothing here reads files, URLs, dictionaries, tables by
 * name, settings, the catalogue or who is connected, calls models or programs, waits, or fails on purpose. What is not
 * written here is refused. Some can make large values or use much time; the limits of the connection contain those.
 */
import { words } from '../select/words.js';

const ARITHMETIC = `
  abs acos acosh asin asinh atan atan2 atanh cbrt ceil ceiling clamp cos cosh degrees divide divideDecimal divideOrNull e
  erf erfc exp exp10 exp2 factorial floor gcd greatest hypot ifNotFinite intDiv intDivOrNull intDivOrZero isFinite
  isInfinite isNaN lcm least lgamma ln log log10 log1p log2 max2 min2 minus mod modulo moduloOrNull moduloOrZero multiply
  multiplyDecimal negate pi plus positiveModulo pow power radians round roundAge roundBankers roundDown roundDuration
  roundToExp2 sigmoid sign sin sinh sqrt tan tanh tgamma trunc truncate widthBucket
  bitAnd bitCount bitNot bitOr bitRotateLeft bitRotateRight bitShiftLeft bitShiftRight bitTest bitTestAll bitTestAny
  bitXor`;

const CONDITIONS = `
  and assumeNotNull coalesce equals firstNonDefault greater greaterOrEquals if ifNull isDistinctFrom isNotDistinctFrom
  isNotNull isNull isNullable isZeroOrNull less lessOrEquals multiIf not notEquals nullIf or toNullable transform xor`;

const CONVERSIONS = `
  accurateCast accurateCastOrDefault accurateCastOrNull cast parseDateTime parseDateTime64BestEffort
  parseDateTime64BestEffortOrNull parseDateTime64BestEffortOrZero parseDateTimeBestEffort parseDateTimeBestEffortOrNull
  parseDateTimeBestEffortOrZero parseDateTimeBestEffortUS parseDateTimeBestEffortUSOrNull parseDateTimeOrNull
  parseDateTimeOrZero reinterpretAsInt64 reinterpretAsString reinterpretAsUInt64 toBool toDecimalString toFixedString
  toJSONString toLowCardinality toString toStringCutToZero toTypeName toUUID toUUIDOrNull toUUIDOrZero`;

const CONVERTED_TYPES = `
  Date Date32 DateTime DateTime64 Decimal32 Decimal64 Decimal128 Decimal256 Float32 Float64 Int8 Int16 Int32 Int64 Int128
  Int256 UInt8 UInt16 UInt32 UInt64 UInt128 UInt256 IPv4 IPv6`;

const TEXT = `
  alphaTokens appendTrailingCharIfAbsent ascii base58Decode base58Encode base64Decode base64Encode char char_length
  character_length concat concatWithSeparator concat_ws convertCharset countMatches countMatchesCaseInsensitive
  countSubstrings countSubstringsCaseInsensitive editDistance editDistanceUTF8 empty endsWith endsWithCaseInsensitive
  extract extractAll extractAllGroups extractAllGroupsHorizontal extractAllGroupsVertical extractGroups
  extractKeyValuePairs format hasSubsequence hasToken hasTokenCaseInsensitive hex ilike initcap initcapUTF8 instr
  isValidUTF8 jaroSimilarity jaroWinklerSimilarity lcase left leftPad leftPadUTF8 leftUTF8 length lengthUTF8 like locate
  lower lowerUTF8 lpad ltrim match mid multiFuzzyMatchAny multiMatchAllIndices multiMatchAny multiMatchAnyIndex
  multiSearchAny multiSearchAnyCaseInsensitive multiSearchFirstIndex multiSearchFirstPosition ngramDistance ngramSearch
  ngrams notEmpty notILike notLike octet_length position positionCaseInsensitive positionCaseInsensitiveUTF8 positionUTF8
  regexpExtract regexpQuoteMeta regexp_extract regexp_replace repeat replace replaceAll replaceOne replaceRegexpAll
  replaceRegexpOne reverse reverseUTF8 right rightPad rightPadUTF8 rightUTF8 rpad rtrim soundex space splitByChar
  splitByNonAlpha splitByRegexp splitByString splitByWhitespace startsWith startsWithCaseInsensitive substr substring
  substringIndex substringUTF8 toValidUTF8 tokens translate translateUTF8 trim trimBoth trimLeft trimRight ucase unhex
  upper upperUTF8 visibleWidth
  cutFragment cutQueryString cutURLParameter cutWWW decodeURLComponent decodeXMLComponent domain domainWithoutWWW
  encodeURLComponent encodeXMLComponent extractTextFromHTML extractURLParameter extractURLParameterNames
  extractURLParameters firstSignificantSubdomain fragment path pathFull port protocol queryString topLevelDomain
  formatReadableDecimalSize formatReadableQuantity formatReadableSize formatReadableTimeDelta bar
  IPv4NumToString IPv4StringToNum IPv4StringToNumOrNull IPv4ToIPv6 IPv6NumToString IPv6StringToNum isIPAddressInRange
  isIPv4String isIPv6String`;

const HASHES = `
  CRC32 MD5 SHA1 SHA224 SHA256 SHA384 SHA512 cityHash64 farmHash64 halfMD5 intHash32 intHash64 javaHash metroHash64
  murmurHash2_32 murmurHash2_64 murmurHash3_32 murmurHash3_64 sipHash64 xxHash32 xxHash64 xxh3`;

const DATES = `
  addDays addHours addInterval addMicroseconds addMilliseconds addMinutes addMonths addQuarters addSeconds addWeeks
  addYears age changeDay changeHour changeMinute changeMonth changeSecond changeYear curdate current_date
  current_timestamp dateAdd dateDiff dateName dateSub dateTrunc date_add date_diff date_format date_sub date_trunc
  date_bin day dayOfMonth dayOfWeek dayOfYear formatDateTime formatDateTimeInJodaSyntax fromUnixTimestamp
  fromUnixTimestamp64Micro fromUnixTimestamp64Milli hour last_day makeDate makeDate32 makeDateTime makeDateTime64 minute
  month monthName now now64 quarter second subDate subtractDays subtractHours subtractInterval subtractMinutes
  subtractMonths subtractQuarters subtractSeconds subtractWeeks subtractYears timeSlot timestampAdd timestampDiff
  timestampSub timezone timezoneOf timezoneOffset toDayOfMonth toDayOfWeek toDayOfYear toDaysInMonth toHour toISOWeek
  toISOYear toIntervalDay toIntervalHour toIntervalMinute toIntervalMonth toIntervalQuarter toIntervalSecond
  toIntervalWeek toIntervalYear toLastDayOfMonth toLastDayOfWeek toMillisecond toMinute toModifiedJulianDay toMonday
  toMonth toQuarter toRelativeDayNum toRelativeHourNum toRelativeMonthNum toRelativeQuarterNum toRelativeWeekNum
  toRelativeYearNum toSecond toStartOfDay toStartOfFifteenMinutes toStartOfFiveMinutes toStartOfHour toStartOfISOYear
  toStartOfInterval toStartOfMinute toStartOfMonth toStartOfQuarter toStartOfSecond toStartOfTenMinutes toStartOfWeek
  toStartOfYear toTime toTimezone toUnixTimestamp toUnixTimestamp64Micro toUnixTimestamp64Milli toWeek toYYYYMM
  toYYYYMMDD toYYYYMMDDhhmmss toYear toYearWeek today tumble tumbleEnd tumbleStart hop hopEnd hopStart year yesterday`;

const LISTS = `
  array arrayAUC arrayAll arrayAvg arrayCompact arrayConcat arrayCount arrayCumSum arrayCumSumNonNegative arrayDifference
  arrayDistinct arrayDotProduct arrayElement arrayElementOrNull arrayEnumerate arrayEnumerateDense arrayEnumerateUniq
  arrayExists arrayFill arrayFilter arrayFirst arrayFirstIndex arrayFirstOrNull arrayFlatten arrayFold arrayIntersect
  arrayJaccardIndex arrayJoin arrayLast arrayLastIndex arrayLastOrNull arrayMap arrayMax arrayMin arrayPartialSort
  arrayPopBack arrayPopFront arrayProduct arrayPushBack arrayPushFront arrayResize arrayReverse arrayReverseFill
  arrayReverseSort arrayReverseSplit arrayRotateLeft arrayRotateRight arrayShiftLeft arrayShiftRight arrayShuffle
  arraySlice arraySort arraySplit arrayStringConcat arraySum arraySymmetricDifference arrayUnion arrayUniq
  arrayWithConstant arrayZip countEqual emptyArrayString emptyArrayToSingle flatten has hasAll hasAny hasSubstr indexOf
  map mapAdd mapApply mapConcat mapContains mapContainsKey mapContainsValue mapExists mapFilter mapFromArrays mapKeys
  mapSort mapSubtract mapUpdate mapValues range tuple tupleConcat tupleElement untuple
  L1Distance L2Distance cosineDistance dotProduct`;

const JSON_READING = `
  JSONArrayLength JSONExtract JSONExtractArrayRaw JSONExtractBool JSONExtractFloat JSONExtractInt JSONExtractKeys
  JSONExtractKeysAndValues JSONExtractKeysAndValuesRaw JSONExtractRaw JSONExtractString JSONExtractUInt JSONHas JSONKey
  JSONLength JSONType JSON_EXISTS JSON_QUERY JSON_VALUE isValidJSON simpleJSONExtractBool simpleJSONExtractFloat
  simpleJSONExtractInt simpleJSONExtractRaw simpleJSONExtractString simpleJSONExtractUInt simpleJSONHas
  visitParamExtractBool visitParamExtractFloat visitParamExtractInt visitParamExtractRaw visitParamExtractString
  visitParamExtractUInt visitParamHas`;

const PLACES = `
  geoDistance geohashDecode geohashEncode geoToH3 greatCircleAngle greatCircleDistance pointInEllipses pointInPolygon
  h3GetResolution h3ToGeo h3ToParent h3ToString stringToH3`;

const CHANCE = 'generateUUIDv4 generateUUIDv7 rand rand32 rand64 randCanonical randNormal randUniform';

const PASSING_THROUGH = 'identity ignore materialize';

/** Each of these also with combinators at its end: `sumIf`, `countDistinct`. */
const AGGREGATES = `
  any anyHeavy anyLast any_value approx_top_k approx_top_sum argMax argMin array_agg avg avgWeighted boundingRatio corr
  corrStable count covarPop covarSamp cramersV deltaSum deltaSumTimestamp entropy exponentialMovingAverage first_value
  groupArray groupArrayInsertAt groupArrayLast groupArrayMovingAvg groupArrayMovingSum groupArraySample groupArraySorted
  groupBitAnd groupBitOr groupBitXor groupBitmap groupConcat group_concat groupUniqArray histogram intervalLengthSum
  kurtPop kurtSamp largestTriangleThreeBuckets last_value mannWhitneyUTest max maxIntersections maxMap max_by median
  medianExact medianTDigest min minMap min_by quantile quantileDD quantileDeterministic quantileExact quantileExactHigh
  quantileExactInclusive quantileExactLow quantileExactWeighted quantileInterpolatedWeighted quantileTDigest
  quantileTDigestWeighted quantileTiming quantiles quantilesExact quantilesExactInclusive quantilesTDigest
  quantilesTiming rankCorr retention sequenceCount sequenceMatch simpleLinearRegression singleValueOrNull skewPop
  skewSamp sparkbar std stddev stddev_pop stddev_samp stddevPop stddevPopStable stddevSamp stddevSampStable studentTTest
  string_agg sum sumCount sumKahan sumMap sumWithOverflow theilsU topK topKWeighted uniq uniqCombined uniqCombined64
  uniqExact uniqHLL12 uniqTheta uniqUpTo var_pop var_samp varPop varPopStable varSamp varSampStable welchTTest
  windowFunnel
  regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy`;

const WINDOW_FUNCTIONS = `
  cume_dist dense_rank denseRank lag lagInFrame lead leadInFrame nonNegativeDerivative nth_value ntile percent_rank
  percentRank rank row_number`;

const COMBINATORS = /(?:If|Array|Map|OrNull|OrDefault|Distinct|ForEach|ArgMin|ArgMax|Merge|Resample)$/i;

const folded = (...lists: string[]): ReadonlySet<string> => new Set(words(...lists).map((name) => name.toLowerCase()));

const conversions = words(CONVERTED_TYPES).flatMap((type) =>
  ['', 'OrNull', 'OrZero', 'OrDefault'].map((end) => `to${type}${end}`),
);

const FUNCTIONS = folded(
  ARITHMETIC,
  CONDITIONS,
  CONVERSIONS,
  conversions.join(' '),
  TEXT,
  HASHES,
  DATES,
  LISTS,
  JSON_READING,
  PLACES,
  CHANCE,
  PASSING_THROUGH,
  WINDOW_FUNCTIONS,
);
const AGGREGATE_NAMES = folded(AGGREGATES);
const NOT_FOR_ONE_ROW = folded(WINDOW_FUNCTIONS, CHANCE, 'arrayJoin untuple');

/** @param name in small letters */
function isAggregate(name: string): boolean {
  if (AGGREGATE_NAMES.has(name)) return true;
  const shorter = name.replace(COMBINATORS, '');
  return shorter !== name && isAggregate(shorter);
}

export const isFunction = (name: string): boolean => FUNCTIONS.has(name) || isAggregate(name);
export const isForRows = (name: string): boolean =>
  NOT_FOR_ONE_ROW.has(name) || (isAggregate(name) && !FUNCTIONS.has(name));
