/** A catalogue of ten tables of a shop, and questions about it. */

const COLUMNS = {
  customers: [
    'id integer',
    'name text',
    'email text',
    'city text',
    'country text=France|Germany|Spain|Italy|Denmark',
    'segment text=Private|Club|Business',
    'signed_up_on date',
  ],
  products: [
    'id integer',
    'category_id integer',
    'supplier_id integer',
    'name text',
    'brand text=Veldkamp|Ostrava|Nightjar',
    'list_price decimal',
  ],
  categories: ['id integer', 'name text=Bicycles|Parts|Clothing|Accessories', 'description text'],
  suppliers: ['id integer', 'name text', 'country text=France|Germany|Poland', 'rating float'],
  orders: [
    'id integer',
    'customer_id integer',
    'employee_id integer',
    'ordered_at timestamp',
    'status text=open|shipped|completed|returned|cancelled',
    'channel text=web|shop|phone',
  ],
  order_items: [
    'id integer',
    'order_id integer',
    'product_id integer',
    'quantity integer',
    'unit_price decimal',
    'discount float',
  ],
  payments: ['id integer', 'order_id integer', 'paid_at timestamp', 'amount decimal', 'method text=card|transfer|cash'],
  shipments: [
    'id integer',
    'order_id integer',
    'warehouse_id integer',
    'shipped_on date',
    'delivered_on date',
    'carrier text=North Post|Swift|Harbour',
  ],
  warehouses: ['id integer', 'name text', 'city text', 'capacity integer'],
  employees: ['id integer', 'name text', 'department text=Sales|Service|Workshop', 'hired_on date', 'salary decimal'],
};

const RELATIONSHIPS = [
  ['products.category_id', 'categories.id'],
  ['products.supplier_id', 'suppliers.id'],
  ['orders.customer_id', 'customers.id'],
  ['orders.employee_id', 'employees.id'],
  ['order_items.order_id', 'orders.id'],
  ['order_items.product_id', 'products.id'],
  ['payments.order_id', 'orders.id'],
  ['shipments.order_id', 'orders.id'],
  ['shipments.warehouse_id', 'warehouses.id'],
];

export const QUESTIONS = [
  'How many customers are there in each country?',
  'Top 5 products by quantity sold',
  'How many orders per month in 2025?',
  'What is the average list price of each category?',
  'Number of orders by channel',
  'Which employees were hired after 2023?',
  'Total amount of payments by method',
  'How many orders were cancelled last month?',
  'Which warehouses have a capacity of more than 3000?',
  'How many orders did customers from France place?',
];

/** @returns {import('../dist/src/engine/catalog/catalog.js').Catalog} */
export function tenTables() {
  return {
    tables: Object.entries(COLUMNS).map(([name, columns]) => ({
      name,
      description: null,
      synonyms: [],
      hidden: false,
      rowCount: 10_000,
      primaryKey: ['id'],
      columns: columns.map(column),
    })),
    relationships: RELATIONSHIPS.map(([from, to]) => ({
      from: reference(from),
      to: reference(to),
      origin: 'inferred',
      confidence: 0.95,
    })),
  };
}

/** @param {string} spelled `name type` or `name type=value|value` */
function column(spelled) {
  const [head, list] = spelled.split('=');
  const [name, type] = head.split(' ');
  const values = list?.split('|') ?? null;
  return {
    name,
    type,
    nativeType: type.toUpperCase(),
    nullable: name !== 'id',
    description: null,
    synonyms: [],
    hidden: false,
    sensitivity: 'none',
    stats: { distinct: values?.length ?? 10_000, nulls: 0, min: null, max: null, samples: values ?? [] },
    values,
  };
}

function reference(path) {
  const [table, name] = path.split('.');
  return { table, column: name };
}
