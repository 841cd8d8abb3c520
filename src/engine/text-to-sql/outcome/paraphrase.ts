/** Reads a query back in one plain English sentence. */
import { isAggregate, sameExpression, type Expression, type Query } from '../planning/algebra.js';
import { conditionInWords, conditionsInWords, expressionInWords } from './conditions-in-words.js';
import { listInWords, nameInWords, namesRow, rowInWords, rowsInWords } from './names-in-words.js';

/** "Number of airports by state, largest first." "The 5 products with the largest sum of quantity." */
export function paraphrase(query: Query): string {
  const words =
    query.select.some((item) => isAggregate(item.expression)) || query.groupBy.length > 0
      ? ofGroups(query)
      : ofRows(query);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

const show = (query: Query, expression: Expression): string => expressionInWords(expression, query.from);

/** What is worked out, for each of what. */
function ofGroups(query: Query): string {
  const measures = query.select.filter((item) => isAggregate(item.expression)).map((item) => item.expression);
  const groups = query.select.filter((item) => !isAggregate(item.expression)).map((item) => item.expression);
  const labels = listInWords(groups.map((group) => groupInWords(query, group)));
  const [order] = query.orderBy;
  const having = query.having ? `, only where the ${conditionInWords(query.having, query.from).full}` : '';
  const isCut = query.limit !== null || query.perGroup?.isPercent === true;
  if (groups.length > 0 && order && (isCut || measures.length === 0) && isAggregate(order.expression)) {
    const more = measures.filter((measure) => !sameExpression(measure, order.expression));
    const shown = more.length > 0 ? `, with the ${listInWords(more.map((measure) => show(query, measure)))}` : '';
    return `${ranked(query, groupsInWords(query, groups))} ${extreme(query, order)}${behind(query, '')}${shown}${having}`;
  }
  if (measures.length === 0) return `each ${labels}${behind(query, rowsInWords(query.from))}${having}${sorting(query)}`;
  const head = listInWords(measures.map((measure) => show(query, measure)));
  const rows = rowsInWords(query.from);
  const saysRows = head.endsWith(` of ${rows}`);
  const conditions = behind(query, saysRows ? '' : rows);
  const by = labels === '' ? '' : `${conditions === '' ? '' : ','} by ${labels}`;
  const limit = query.limit !== null && groups.length > 0 ? `, only the first ${query.limit}` : '';
  return `${head}${conditions}${by}${having}${sorting(query)}${limit}`;
}

/** The rows themselves, or some of their columns. */
function ofRows(query: Query): string {
  const rows = rowsInWords(query.from);
  const columns = query.select.map((item) => show(query, item.expression));
  const isLabel = areNamesOf(
    query.select.map((item) => item.expression),
    query.from,
  );
  const isWhole =
    isLabel || (columns.length > 3 && query.select.every(({ expression }) => isOwn(expression, query.from)));
  const [order] = query.orderBy;
  if (query.perGroup && order && query.perGroup.partition.length > 0) {
    const parts = query.perGroup.partition.map((part) => groupInWords(query, part));
    const named = parts.filter((part) => !/(?:^| )id$/.test(part));
    const by = listInWords(named.length > 0 ? named : parts);
    const count = query.perGroup.limit === 1 ? rowInWords(query.from) : `${query.perGroup.limit} ${rows}`;
    return `the ${count} ${extreme(query, order)}${behind(query, '')}, for each ${by}`;
  }
  const isCut = query.limit !== null || query.perGroup !== null;
  const what = isCut && order ? `${ranked(query, [rowInWords(query.from), rows])} ${extreme(query, order)}` : null;
  const listed = what ?? (query.limit === null ? `all ${rows}` : `the first ${query.limit} ${rows}`);
  const head = isWhole ? listed : `${query.distinct ? 'each different ' : ''}${listInWords(columns)} of ${listed}`;
  return `${head}${behind(query, '')}${what === null ? sorting(query) : ''}`;
}

/** The conditions, put behind the thing they narrow: " in 2013", " whose status is “paid”". */
function behind(query: Query, thing: string): string {
  const conditions = conditionsInWords(query);
  const periods = conditions
    .filter((condition) => condition.kind === 'period')
    .map((condition) => ` ${condition.text}`);
  const have = conditions.filter((condition) => condition.kind === 'have').map((condition) => condition.text);
  const is = conditions.filter((condition) => condition.kind === 'is').map((condition) => condition.text);
  const noun = thing !== '' && have.length + is.length > 0 ? ` for ${thing}` : '';
  return [
    noun,
    ...periods,
    have.length > 0 ? ` that ${have.join(' and ')}` : '',
    is.length > 0 ? `${have.length > 0 ? ' and' : ''} whose ${is.join(' and ')}` : '',
  ].join('');
}

function ranked(query: Query, [one, many]: readonly [string, string]): string {
  if (query.perGroup?.isPercent) return `the ${query.perGroup.limit} % of the ${many}`;
  if (query.limit === null) return `all ${many}, first those`;
  const from = query.offset ? `, from number ${query.offset + 1} on,` : '';
  return query.limit === 1 ? `the ${one}${from}` : `the ${query.limit} ${many}${from}`;
}

function extreme(query: Query, { expression, direction }: Query['orderBy'][number]): string {
  const words = show(query, expression);
  const isTime = expression.kind === 'column' && /(?:date|time|year|at)$/.test(nameInWords(expression.column));
  const [last, first] = isTime ? ['latest', 'earliest'] : ['largest', 'smallest'];
  return `with the ${direction === 'desc' ? last : first} ${words}`;
}

/** ", largest first", ", sorted by name": the order that was chosen; the course of time goes without saying. */
function sorting(query: Query): string {
  const [order] = query.orderBy;
  if (!order || (order.expression.kind === 'truncate' && order.direction === 'asc')) return '';
  const measures = query.select.filter((item) => isAggregate(item.expression));
  const [only] = measures;
  if (measures.length === 1 && only && sameExpression(only.expression, order.expression))
    return `, ${order.direction === 'desc' ? 'largest' : 'smallest'} first`;
  const by = query.orderBy.map(
    ({ expression, direction }) => `${show(query, expression)}${direction === 'desc' ? ' (largest first)' : ''}`,
  );
  return `, sorted by ${listInWords(by)}`;
}

/** A group that is the name of a row is that row: "by product". */
function groupInWords(query: Query, group: Expression): string {
  if (group.kind === 'column' && areNamesOf([group], group.table)) return rowInWords(group.table);
  return group.kind === 'column' ? nameInWords(group.column) : show(query, group);
}

/** One and many of what is grouped: "product", "products". */
function groupsInWords(query: Query, groups: readonly Expression[]): [string, string] {
  const [only] = groups;
  if (only?.kind === 'column' && areNamesOf(groups, only.table))
    return [rowInWords(only.table), rowsInWords(only.table)];
  if (groups.length === 1 && only?.kind === 'column') return [nameInWords(only.column), rowsInWords(only.column)];
  const words = listInWords(groups.map((group) => groupInWords(query, group)));
  return [words, words];
}

/** True for the name of a row, in one column or as first and last name. */
function areNamesOf(expressions: readonly (Expression | undefined)[], table: string): boolean {
  const columns = expressions.flatMap((expression) =>
    expression?.kind === 'column' && expression.table === table ? [expression.column] : [],
  );
  if (columns.length === 0 || columns.length !== expressions.length) return false;
  return columns.length === 1
    ? namesRow(columns[0] ?? '', table)
    : columns.every((column) => /^(?:first|last|middle) name$/.test(nameInWords(column)));
}

function isOwn(expression: Expression, table: string): boolean {
  return expression.kind === 'column' && expression.table === table;
}
