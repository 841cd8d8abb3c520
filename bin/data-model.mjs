/**
 * Writes docs/data-model.md: the structure from the entities as TypeORM reads them from `dist/`, the words from their
 * comments in `src/`. With --check, compares only.
 */
import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import prettier from 'prettier';
import { DataSource } from 'typeorm';
import ts from 'typescript';
import { SnakeNamingStrategy } from '../dist/src/platform/database/snake-naming.strategy.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILE = join(ROOT, 'docs', 'data-model.md');
const MODULES = [
  'users',
  'auth',
  'workspaces',
  'system',
  'data-sources',
  'queries',
  'rag',
  'insights',
  'dashboards',
  'agents',
  'conversations',
  'exports',
];

/** @typedef {{ text: string, members: Map<string, string> }} Words What the comments of an entity say. */
/** @typedef {import('typeorm').EntityMetadata} Table */

const tables = await readTables();
const words = new Map(entityFiles('src', '.entity.ts').flatMap((file) => [...readWords(file)]));
const config = await prettier.resolveConfig(FILE);
const document = await prettier.format(describeAll(), { ...config, filepath: FILE });

if (!process.argv.includes('--check')) await writeFile(FILE, document);
else if (document !== readFileSync(FILE, 'utf8')) {
  console.error('docs/data-model.md is not what the entities say. Run: npm run docs:data-model');
  process.exitCode = 1;
}

/**
 * @param {'src' | 'dist/src'} tree
 * @param {string} ending
 */
function entityFiles(tree, ending) {
  return MODULES.flatMap((module) => {
    const folder = join(ROOT, tree, 'modules', module, 'entities');
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .sort()
      .map((name) => join(folder, name));
  });
}

/** Tables by module; nothing connects to a database. */
async function readTables() {
  /** @type {Map<unknown, string>} */
  const moduleOf = new Map();
  for (const file of entityFiles('dist/src', '.entity.js')) {
    const module = basename(dirname(dirname(file)));
    for (const exported of Object.values(await import(pathToFileURL(file).href))) {
      if (typeof exported === 'function') moduleOf.set(exported, module);
    }
  }
  const dataSource = new DataSource({
    type: 'postgres',
    namingStrategy: new SnakeNamingStrategy(),
    entities: /** @type {Function[]} */ ([...moduleOf.keys()]),
  });
  await dataSource.buildMetadatas();
  return new Map(
    MODULES.map((module) => [
      module,
      dataSource.entityMetadatas.filter((table) => moduleOf.get(table.target) === module),
    ]),
  );
}

/** @param {string} file */
function* readWords(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  for (const statement of source.statements) {
    if (!ts.isClassDeclaration(statement) || statement.name === undefined) continue;
    const members = new Map(
      statement.members
        .filter((member) => ts.isPropertyDeclaration(member))
        .map((member) => /** @type {const} */ ([member.name.getText(), commentOf(member)])),
    );
    yield /** @type {[string, Words]} */ ([statement.name.text, { text: commentOf(statement), members }]);
  }
}

/** @param {import('typescript').Node} node */
function commentOf(node) {
  const text = ts
    .getJSDocCommentsAndTags(node)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ');
  return text.replaceAll(/\s+/g, ' ').trim();
}

function describeAll() {
  const all = [...tables.values()].flat();
  const chapters = MODULES.map((module) => {
    const own = [...(tables.get(module) ?? [])].sort((a, b) => a.tableName.localeCompare(b.tableName));
    return [`## Module ${module}`, diagram(own), ...own.map(describeTable)].join('\n\n');
  });
  return [
    '# Data model',
    `${all.length} tables, generated from the entities by \`npm run docs:data-model\`; \`npm run check\` fails when this page is not current.`,
    [
      '- Keys are integers that the database gives out; times are `timestamptz`; `jsonb` stands only where the shape is open.',
      '- What is **part of** something goes with it (cascade). What only **mentions** something forgets it (set null). What **others rely on** must be handed over before its owner can be deleted (restrict).',
      '- Closed sets of values are checks; every foreign key and every list order has an index.',
      '- A foreign key towards a later module is declared by the name of the table, because a module never imports a later one.',
    ].join('\n'),
    ...chapters,
  ].join('\n\n');
}

/** @param {Table[]} own */
function diagram(own) {
  const boxes = own.map((table) => {
    const keys = table.columns
      .filter((column) => column.isPrimary || foreignKeyOf(table, column))
      .map((column) => {
        const marks = [column.isPrimary && 'PK', foreignKeyOf(table, column) && 'FK'].filter(Boolean);
        return `    ${typeOf(column)} ${column.databaseName} ${marks.join(', ')}`;
      });
    return `  ${table.tableName} {\n${keys.join('\n')}\n  }`;
  });
  const lines = own.flatMap((table) =>
    table.foreignKeys.map((key) => {
      const optional = key.columns.every((column) => column.isNullable);
      const single = table.primaryColumns.length === 1 && key.columns.every((column) => column.isPrimary);
      const parent = key.referencedEntityMetadata.tableName;
      return `  ${parent} ${optional ? '|o' : '||'}--${single ? 'o|' : 'o{'} ${table.tableName} : "${key.columnNames.join(', ')}"`;
    }),
  );
  return ['```mermaid', 'erDiagram', ...boxes, ...lines.sort(), '```'].join('\n');
}

/** @param {Table} table */
function describeTable(table) {
  const said = words.get(table.name);
  if (said === undefined || said.text === '') throw new Error(`The entity ${table.name} has no comment.`);
  const rows = table.columns.map((column) => {
    const meaning = said.members.get(column.propertyName) ?? '';
    return `| \`${column.databaseName}\` | ${typeOf(column)} | ${factsOf(table, column)} | ${cell(meaning)} |`;
  });
  /** @type {[string, string[]][]} */
  const lists = [
    ['Unique', table.uniques.map(({ columns }) => code(columns.map((column) => column.databaseName).join(', ')))],
    ['Checks', table.checks.map(({ expression }) => code(expression))],
    ['Indexes', table.indices.map(indexOf)],
  ];
  return [
    `### ${table.tableName}`,
    said.text,
    ['| Column | Type | Key, null, default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    lists
      .filter(([, items]) => items.length > 0)
      .map(([name, items]) => `- ${name}: ${[...items].sort().join(' · ')}`)
      .join('\n'),
  ].join('\n\n');
}

/** @param {Table['columns'][number]} column */
function typeOf(column) {
  // A generated key that says no type of its own is an integer to TypeORM.
  const type = column.type === Number ? 'integer' : String(column.type);
  const size = [column.precision, column.scale].filter((part) => part !== null && part !== undefined).join(',');
  const length = column.length || size;
  return `${type}${length ? `(${length})` : ''}${column.isArray ? '[]' : ''}`;
}

/**
 * @param {Table} table
 * @param {Table['columns'][number]} column
 */
function factsOf(table, column) {
  const key = foreignKeyOf(table, column);
  const parent = key?.referencedEntityMetadata.tableName;
  return [
    column.isPrimary && (column.isGenerated ? 'primary key, given out' : 'primary key'),
    key && `→ [${parent}](#${parent}), ${(key.onDelete ?? 'NO ACTION').toLowerCase()}`,
    column.isNullable && 'may be null',
    defaultOf(column),
  ]
    .filter(Boolean)
    .join('; ');
}

/** @param {Table['columns'][number]} column */
function defaultOf(column) {
  if (column.isCreateDate || column.isUpdateDate) return 'default `now()`';
  /** @type {unknown} */
  const value = typeof column.default === 'function' ? column.default() : column.default;
  return value === undefined ? '' : `default ${code(typeof value === 'string' ? value : JSON.stringify(value))}`;
}

/**
 * @param {Table} table
 * @param {Table['columns'][number]} column
 */
function foreignKeyOf(table, column) {
  return table.foreignKeys.find((key) => key.columns.includes(column));
}

/** @param {Table['indices'][number]} index */
function indexOf(index) {
  if (index.synchronize === false) return `${code(index.name)} (an expression, in the migrations)`;
  const columns = index.columns.map((column) => column.databaseName).join(', ');
  return code(index.where ? `${columns} where ${index.where}` : columns);
}

/** @param {string} text */
function code(text) {
  return `\`${text}\``;
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|');
}
