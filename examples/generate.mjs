/**
 * Makes the sample data of this folder: the books of an invented bicycle shop, 2024-01 to 2026-10.
 * The same seed gives the same bytes: `node examples/generate.mjs` writes what is committed.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SEED = 20_241;
const CUSTOMERS = 300;
const ORDERS = 4_000;
const FIRST_MONTH = Date.UTC(2024, 0, 1);
const MONTHS = 34;
const DAY = 86_400_000;

/** Countries with their share of customers at the start, how orders from them change a month, cities and names. */
const COUNTRIES = [
  {
    name: 'Netherlands',
    weight: 26,
    growth: 1.012,
    cities: ['Amsterdam', 'Rotterdam', 'Utrecht', 'Groningen', 'Eindhoven'],
    first: ['Sanne', 'Daan', 'Femke', 'Bram', 'Lotte', 'Ruben', 'Anouk', 'Thijs', 'Maud', 'Jelle'],
    last: ['Hoekstra', 'van Leeuwen', 'Brouwer', 'Kuipers', 'Postma', 'Vermeer', 'Schippers', 'de Wit'],
  },
  {
    name: 'Germany',
    weight: 24,
    growth: 1.018,
    cities: ['Berlin', 'Hamburg', 'Munich', 'Leipzig', 'Freiburg'],
    first: ['Jonas', 'Greta', 'Felix', 'Annika', 'Moritz', 'Lena', 'Till', 'Svenja', 'Oskar', 'Mira'],
    last: ['Albrecht', 'Brandt', 'Lindner', 'Reuter', 'Seidel', 'Voss', 'Winkler', 'Ziegler'],
  },
  {
    name: 'France',
    weight: 18,
    growth: 1.02,
    cities: ['Paris', 'Lyon', 'Nantes', 'Bordeaux', 'Strasbourg'],
    first: ['Camille', 'Hugo', 'Léa', 'Baptiste', 'Manon', 'Théo', 'Inès', 'Rémi', 'Zoé', 'Lucas'],
    last: ['Berger', 'Chevallier', 'Delmas', 'Fournier', 'Guérin', 'Lacroix', 'Marchand', 'Perrot'],
  },
  {
    // The country that shrinks.
    name: 'United Kingdom',
    weight: 16,
    growth: 0.955,
    cities: ['London', 'Bristol', 'Leeds', 'Cambridge', 'Glasgow'],
    first: ['Amelia', 'Rory', 'Imogen', 'Callum', 'Freya', 'Alfie', 'Poppy', 'Euan', 'Nadia', 'Kwame'],
    last: ['Ashdown', 'Barlow', 'Carrick', 'Fairley', 'Hathaway', 'Lockwood', 'Penrose', 'Whitlock'],
  },
  {
    name: 'Denmark',
    weight: 9,
    growth: 1.03,
    cities: ['Copenhagen', 'Aarhus', 'Odense'],
    first: ['Freja', 'Mads', 'Astrid', 'Emil', 'Karla', 'Villads', 'Liva', 'Anton'],
    last: ['Bech', 'Dalgaard', 'Holm', 'Kjær', 'Lund', 'Møller', 'Skov'],
  },
  {
    name: 'Spain',
    weight: 7,
    growth: 1.035,
    cities: ['Barcelona', 'Madrid', 'Valencia'],
    first: ['Lucía', 'Mateo', 'Carla', 'Iker', 'Nuria', 'Pablo', 'Alba', 'Marc'],
    last: ['Aguilar', 'Benítez', 'Cardona', 'Ferrer', 'Iglesias', 'Navarro', 'Soler'],
  },
];

/** Segment → share of customers, and how often they order. */
const SEGMENTS = [
  { name: 'Private', weight: 72, activity: 1 },
  { name: 'Club', weight: 18, activity: 1.7 },
  { name: 'Business', weight: 10, activity: 2.6 },
];

/** `popularity` counts within all products; `peak` says when a category sells best. */
const PRODUCTS = [
  ['Bicycles', 'Veldkamp', 'Canal City 7', 649, 7],
  ['Bicycles', 'Veldkamp', 'Canal City 3', 499, 8],
  ['Bicycles', 'Veldkamp', 'Polder Tour 27', 1149, 4],
  ['Bicycles', 'Ostrava', 'Gravel One', 1690, 5],
  ['Bicycles', 'Ostrava', 'Gravel Pro', 2890, 2],
  ['Bicycles', 'Ostrava', 'Ridge 29 Trail', 2190, 3],
  ['Bicycles', 'Fjellheim', 'Cargo Family', 3490, 2],
  ['Bicycles', 'Fjellheim', 'Cargo Compact', 2790, 2],
  ['Bicycles', 'Little Finch', 'Kids 16', 229, 6],
  ['Bicycles', 'Little Finch', 'Kids 20', 289, 6],
  ['Electric bicycles', 'Veldkamp', 'Canal E-City', 2290, 5],
  ['Electric bicycles', 'Veldkamp', 'Polder E-Tour', 2990, 4],
  ['Electric bicycles', 'Fjellheim', 'E-Cargo Family', 5290, 2],
  ['Electric bicycles', 'Ostrava', 'E-Gravel', 3990, 2],
  ['Parts', 'Kettle & Cog', 'Chain 11-speed', 34.9, 22],
  ['Parts', 'Kettle & Cog', 'Cassette 11-42', 79.5, 12],
  ['Parts', 'Kettle & Cog', 'Brake pads', 18.9, 30],
  ['Parts', 'Kettle & Cog', 'Disc rotor 160 mm', 32.5, 12],
  ['Parts', 'Rolls', 'Tyre 700x40', 44.9, 26],
  ['Parts', 'Rolls', 'Tyre 27.5x2.2', 49.9, 18],
  ['Parts', 'Rolls', 'Inner tube', 7.9, 48],
  ['Parts', 'Rolls', 'Wheel set Alloy', 289, 5],
  ['Parts', 'Rolls', 'Wheel set Carbon', 1190, 1],
  ['Accessories', 'Nightjar', 'Front light 600', 64.9, 20],
  ['Accessories', 'Nightjar', 'Rear light', 29.9, 28],
  ['Accessories', 'Nightjar', 'Dynamo light set', 119, 8],
  ['Accessories', 'Holdfast', 'Folding lock', 89, 20],
  ['Accessories', 'Holdfast', 'Chain lock', 59.9, 18],
  ['Accessories', 'Holdfast', 'Pannier 20 l', 79, 14],
  ['Accessories', 'Holdfast', 'Handlebar bag', 54, 10],
  ['Accessories', 'Little Finch', 'Child seat', 149, 6],
  ['Accessories', 'Kettle & Cog', 'Floor pump', 49, 14],
  ['Accessories', 'Kettle & Cog', 'Multi-tool', 27.5, 22],
  ['Clothing', 'Westerly', 'Rain jacket', 129, 12],
  ['Clothing', 'Westerly', 'Winter gloves', 39.9, 12],
  ['Clothing', 'Westerly', 'Bib shorts', 89.9, 10],
  ['Clothing', 'Westerly', 'Merino socks', 16.9, 20],
  ['Clothing', 'Aeris', 'Helmet City', 79.9, 16],
  ['Clothing', 'Aeris', 'Helmet Road', 149, 9],
  ['Clothing', 'Little Finch', 'Kids helmet', 44.9, 10],
].map(([category, brand, name, price, popularity], index) => ({
  id: index + 1,
  category,
  brand,
  name,
  price,
  popularity,
}));

/** Orders by month of the year, January first: spring is the season, November and December bring presents. */
const SEASON = [0.62, 0.7, 1.0, 1.28, 1.42, 1.4, 1.22, 1.0, 0.95, 0.78, 0.86, 0.9];
/** Category → how its sales lean by month: bicycles in spring, clothing and lights in the dark months. */
const LEANING = {
  Bicycles: [0.5, 0.7, 1.2, 1.5, 1.5, 1.3, 1.1, 0.9, 0.8, 0.6, 0.5, 0.6],
  'Electric bicycles': [0.5, 0.7, 1.2, 1.5, 1.5, 1.3, 1.1, 0.9, 0.9, 0.7, 0.6, 0.6],
  Parts: [1, 1, 1.1, 1.1, 1, 1, 1, 1, 1, 1, 1, 0.9],
  Accessories: [1, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.9, 1.1, 1.5, 1.6, 1.6],
  Clothing: [1.2, 1, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 1, 1.2, 1.4, 1.6],
};
/** The month of the shop's anniversary sale: twice the usual orders, nearly all of them with a discount. */
const SALE_MONTH = 20;

/** mulberry32 (Tommy Ettinger, public domain): small, and the same on every machine. */
function randomSource(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = randomSource(SEED);

/**
 * One of the items, each as likely as its weight says.
 *
 * @template T
 * @param {T[]} items
 * @param {(item: T) => number} weight
 * @returns {T}
 */
function pick(items, weight = () => 1) {
  const total = items.reduce((sum, item) => sum + weight(item), 0);
  let rest = random() * total;
  for (const item of items) {
    rest -= weight(item);
    if (rest < 0) return item;
  }
  return items[items.length - 1];
}

/** @param {number} index months after 2024-01 */
function monthStart(index) {
  return Date.UTC(2024, index, 1);
}

/** @param {number} time milliseconds since 1970 */
function isoDate(time) {
  return new Date(time).toISOString().slice(0, 10);
}

/** @param {number} amount */
function money(amount) {
  return amount.toFixed(2);
}

function makeCustomers() {
  const taken = new Set();
  const drafts = [];
  while (drafts.length < CUSTOMERS) {
    const country = pick(COUNTRIES, ({ weight }) => weight);
    const name = `${pick(country.first)} ${pick(country.last)}`;
    if (taken.has(name)) continue;
    taken.add(name);
    // A third were customers already when the books begin; the rest come in over time.
    const before = random() < 0.34;
    const signedUp = before
      ? FIRST_MONTH - Math.floor(random() * 730 + 1) * DAY
      : FIRST_MONTH + Math.floor(random() ** 0.85 * 1000) * DAY;
    drafts.push({
      name,
      country,
      city: pick(country.cities),
      segment: pick(SEGMENTS, ({ weight }) => weight),
      signedUp,
    });
  }
  drafts.sort((a, b) => a.signedUp - b.signedUp);
  return drafts.map((draft, index) => ({ id: index + 1, ...draft, loyalty: 0.3 + random() ** 2 * 2 }));
}

/** Number of orders of each month: growth, season, the sale, and chance. */
function ordersByMonth() {
  const weights = Array.from({ length: MONTHS }, (_, index) => {
    const sale = index === SALE_MONTH ? 2.1 : 1;
    return 1.019 ** index * SEASON[index % 12] * sale * (0.95 + random() * 0.1);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => Math.round((weight / total) * ORDERS));
}

function makeOrders(customers) {
  const orders = [];
  for (const [month, count] of ordersByMonth().entries()) {
    const days = (monthStart(month + 1) - monthStart(month)) / DAY;
    const active = customers.filter(({ signedUp }) => signedUp < monthStart(month + 1) - 3 * DAY);
    for (let nth = 0; nth < count; nth += 1) {
      const customer = pick(
        active,
        ({ loyalty, segment, country }) => loyalty * segment.activity * country.growth ** month,
      );
      const earliest = Math.max(monthStart(month), customer.signedUp);
      const day = earliest + Math.floor(random() * ((monthStart(month) + days * DAY - earliest) / DAY)) * DAY;
      const channel = pickChannel(customer, month, new Date(day).getUTCDay());
      const minutes = openingMinutes(channel);
      orders.push({ customer, channel, month, orderedAt: day + minutes * 60_000 + Math.floor(random() * 60) * 1000 });
    }
  }
  orders.sort((a, b) => a.orderedAt - b.orderedAt);
  return orders.map((order, index) => ({ id: 1001 + index, ...order, status: pickStatus(order) }));
}

/** The web gains on the shop, which is closed on Sundays. */
function pickChannel(customer, month, weekday) {
  const local = customer.country.name === 'Netherlands';
  const channels = [
    { name: 'web', weight: 48 + month * 0.9 },
    { name: 'shop', weight: weekday === 0 ? 0 : local ? 70 : 6 },
    { name: 'phone', weight: weekday === 0 ? 0 : customer.segment.name === 'Business' ? 30 : 6 },
    { name: 'marketplace', weight: local ? 4 : 16 },
  ];
  return pick(channels, ({ weight }) => weight).name;
}

/** Minutes after midnight: opening hours in the shop and on the phone, evenings on the web. */
function openingMinutes(channel) {
  if (channel === 'shop' || channel === 'phone') return 9 * 60 + Math.floor(((random() + random()) / 2) * 9 * 60);
  return random() < 0.55 ? 18 * 60 + Math.floor(random() * 5 * 60) : 7 * 60 + Math.floor(random() * 11 * 60);
}

function pickStatus({ orderedAt, month }) {
  const age = (monthStart(MONTHS) - orderedAt) / DAY;
  const chance = random();
  if (chance < 0.045) return 'cancelled';
  if (age < 4 && chance < 0.7) return 'open';
  if (age < 12 && chance < 0.6) return 'shipped';
  // A bad batch of tyres came back in the summer of 2026.
  return chance < (month >= 29 && month <= 31 ? 0.14 : 0.085) ? 'returned' : 'completed';
}

function makeItems(orders) {
  const items = [];
  for (const order of orders) {
    const count = pick([1, 2, 3, 4, 5], (lines) => [36, 29, 19, 10, 6][lines - 1]);
    const chosen = new Set();
    while (chosen.size < count) {
      chosen.add(pick(PRODUCTS, ({ popularity, category }) => popularity * LEANING[category][order.month % 12]));
    }
    for (const product of chosen) items.push(makeItem(items.length + 1, order, product));
  }
  return items;
}

function makeItem(id, order, product) {
  const business = order.customer.segment.name === 'Business';
  const small = product.price < 60;
  const most = small ? (business ? 8 : 4) : business && product.price < 1500 ? 3 : 1;
  const quantity = 1 + Math.floor(random() ** 2.2 * most);
  // Prices rise by three per cent every January.
  const price = Math.round(product.price * 1.03 ** Math.floor(order.month / 12) * 20) / 20;
  const sale = order.month === SALE_MONTH && random() < 0.85;
  const discount = sale ? 0.2 : business ? 0.1 : order.customer.segment.name === 'Club' && random() < 0.5 ? 0.05 : 0;
  return { id, order, product, quantity, price, discount };
}

/**
 * Writes one CSV file (RFC 4180, line ends of one character) beside this script.
 *
 * @param {string} name
 * @param {string[]} header
 * @param {(string | number)[][]} rows
 */
function writeCsv(name, header, rows) {
  const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  const text = [header, ...rows].map((row) => row.map(cell).join(',')).join('\n');
  writeFileSync(fileURLToPath(new URL(`${name}.csv`, import.meta.url)), `${text}\n`);
  process.stdout.write(`${name}.csv: ${rows.length} rows\n`);
}

const customers = makeCustomers();
const orders = makeOrders(customers);
const items = makeItems(orders);

writeCsv(
  'customers',
  ['id', 'name', 'city', 'country', 'segment', 'signed_up_on'],
  customers.map(({ id, name, city, country, segment, signedUp }) => [
    id,
    name,
    city,
    country.name,
    segment.name,
    isoDate(signedUp),
  ]),
);
writeCsv(
  'products',
  ['id', 'name', 'category', 'brand', 'list_price'],
  PRODUCTS.map(({ id, name, category, brand, price }) => [id, name, category, brand, money(price)]),
);
writeCsv(
  'orders',
  ['id', 'customer_id', 'ordered_at', 'status', 'channel'],
  orders.map(({ id, customer, orderedAt, status, channel }) => [
    id,
    customer.id,
    new Date(orderedAt).toISOString().slice(0, 19).replace('T', ' '),
    status,
    channel,
  ]),
);
writeCsv(
  'order_items',
  ['id', 'order_id', 'product_id', 'quantity', 'unit_price', 'discount'],
  items.map(({ id, order, product, quantity, price, discount }) => [
    id,
    order.id,
    product.id,
    quantity,
    money(price),
    discount.toFixed(2),
  ]),
);
