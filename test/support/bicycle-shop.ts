/** The sample data of `examples/`, as files and as statements that make it in a database. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** In an order in which keys refer to what is there already. */
const TABLES = {
  customers: `id integer PRIMARY KEY, name varchar(80) NOT NULL, city varchar(40), country varchar(40), segment varchar(20), signed_up_on date`,
  products: `id integer PRIMARY KEY, name varchar(80) NOT NULL, category varchar(40), brand varchar(40), list_price decimal(10,2)`,
  orders: `id integer PRIMARY KEY, customer_id integer NOT NULL, ordered_at datetime, status varchar(20), channel varchar(20),
    FOREIGN KEY (customer_id) REFERENCES customers (id)`,
  order_items: `id integer PRIMARY KEY, order_id integer NOT NULL, product_id integer NOT NULL, quantity integer, unit_price decimal(10,2),
    discount decimal(4,2), FOREIGN KEY (order_id) REFERENCES orders (id), FOREIGN KEY (product_id) REFERENCES products (id)`,
};

const textOf = (table: string): string =>
  readFileSync(fileURLToPath(new URL(`../../examples/${table}.csv`, import.meta.url)), 'utf8');

export const BICYCLE_FILES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(TABLES).map((table) => [`${table}.csv`, textOf(table)]),
);

/**
 * @param moment what the database calls a day and a time without a zone
 * @returns standard SQL that makes the tables and fills them
 */
export function bicycleSql(moment: 'datetime' | 'timestamp'): string {
  return Object.entries(TABLES)
    .map(([table, columns]) => {
      const rows = textOf(table).trimEnd().split('\n').slice(1);
      const values = rows.map((row) => `(${row.split(',').map(quoted).join()})`);
      return `CREATE TABLE ${table} (${columns.replace('datetime', moment)}); INSERT INTO ${table} VALUES ${values.join()};`;
    })
    .join('\n');
}

/** Databases take quoted numbers for numbers where a column has numbers. */
function quoted(cell: string): string {
  return cell === '' ? 'NULL' : `'${cell.replaceAll("'", "''")}'`;
}
