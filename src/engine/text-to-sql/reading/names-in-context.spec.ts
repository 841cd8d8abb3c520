import { describe, expect, it } from '@jest/globals';
import type { Catalog, CatalogTable, ColumnType } from '../../catalog/catalog.js';
import { answerQuestion } from '../index.js';

/** A table of 60 rows; the first column is the key. `distinct` says in how many of them a column differs. */
function table(name: string, columns: [name: string, type: ColumnType, distinct?: number][]): CatalogTable {
  const read = columns.map(([column, type, distinct = 60]) => ({
    name: column,
    type,
    nativeType: type,
    nullable: true,
    description: null,
    synonyms: [],
    hidden: false,
    sensitivity: 'none' as const,
    stats: { distinct, nulls: 0, min: null, max: null, samples: [] },
    values: null,
  }));
  const primaryKey = columns.slice(0, 1).map(([key]) => key);
  return { name, description: null, synonyms: [], hidden: false, rowCount: 60, primaryKey, columns: read };
}

function sqlOf(question: string, tables: CatalogTable[], relationships: Catalog['relationships'] = []): string {
  const catalog = { tables, relationships };
  const outcome = answerQuestion({ question, catalog, dialect: 'duckdb', now: new Date('2024-03-15T12:00:00Z') });
  return outcome.kind === 'answer' ? outcome.sql.replace(/\s+/g, ' ') : outcome.kind;
}

function relate(from: string, column: string, to: string, key: string): Catalog['relationships'] {
  const ends = { from: { table: from, column }, to: { table: to, column: key } };
  return [{ ...ends, origin: 'declared', confidence: 1 }];
}

const SKIPPERS = table('skippers', [
  ['skipper_id', 'integer'],
  ['name', 'text'],
  ['age', 'integer'],
  ['harbour', 'text', 9],
  ['boat_name', 'text'],
  ['boat_launch_year', 'integer', 30],
]);

describe('names in their context', () => {
  it('takes “the name and the launch year of the boat” for what the columns call a boat', () => {
    expect(sqlOf('the name and the launch year of the boat of the youngest skipper', [SKIPPERS])).toBe(
      'SELECT boat_name, boat_launch_year FROM skippers ORDER BY age LIMIT 1',
    );
  });

  it('shows what is asked for and not who acts behind it', () => {
    expect(sqlOf('which harbours a skipper above age 40 is from', [SKIPPERS])).toBe(
      'SELECT harbour FROM skippers WHERE age > 40',
    );
  });

  it('reads a column by its own letters, whatever they stand for', () => {
    const trucks = table('trucks', [
      ['truck_id', 'integer'],
      ['MPG', 'float'],
      ['model', 'text', 20],
    ]);
    expect(sqlOf('mpg of the trucks', [trucks])).toBe('SELECT "MPG" FROM trucks');
  });

  it('prefers a name that is said in full to one that lacks a word of it', () => {
    const harbours = table('harbours', [
      ['harbour_id', 'integer'],
      ['title', 'text'],
      ['region', 'text', 5],
    ]);
    const regions = table('regions', [
      ['region_id', 'text'],
      ['region_name', 'text'],
    ]);
    const related = relate('harbours', 'region', 'regions', 'region_id');
    expect(sqlOf('region name of each harbour', [harbours, regions], related)).toContain('regions.region_name');
  });

  it('counts by what is shown where each row of it has one of what is counted', () => {
    const addresses = table('addresses', [
      ['kiosk_id', 'integer'],
      ['street_name', 'text', 50],
    ]);
    const kiosks = table('kiosks', [
      ['kiosk_id', 'integer'],
      ['title', 'text'],
    ]);
    const related = relate('addresses', 'kiosk_id', 'kiosks', 'kiosk_id');
    expect(sqlOf('Which street has the most number of kiosks?', [addresses, kiosks], related)).toContain(
      'GROUP BY addresses.street_name ORDER BY',
    );
  });

  it('does not pass over a thing that it knows nothing of', () => {
    expect(sqlOf('names of the skippers in shows', [SKIPPERS])).toBe('unanswerable');
  });

  it('counts the different years, and adds none up', () => {
    const years = { ...SKIPPERS.columns[5], stats: { distinct: 30, nulls: 0, min: '1970', max: '2020', samples: [] } };
    const skippers = { ...SKIPPERS, columns: [...SKIPPERS.columns.slice(0, 5), { ...SKIPPERS.columns[4], ...years }] };
    expect(sqlOf('how many boat launch years are there', [skippers as CatalogTable])).toContain(
      'COUNT(DISTINCT boat_launch_year)',
    );
  });
});
