/** Small files to upload, and how to. */
import type { Client, UploadedSource } from './client.js';

export const CUSTOMERS = `customer_id,name,country
1,Ada Lovelace,United Kingdom
2,Grace Hopper,United States
3,Alan Turing,United Kingdom
4,Emmy Noether,Germany
`;

/** Seven orders from December 2024 to March 2025; 700 in all, 300 of them for Germany. */
export const ORDERS = `order_id,customer_id,ordered_at,status,amount
1,1,2025-01-10,paid,120
2,1,2025-02-11,paid,80
3,2,2025-02-12,shipped,40
4,3,2025-03-01,cancelled,60
5,4,2025-03-05,paid,250
6,2,2024-12-30,paid,100
7,4,2025-03-09,shipped,50
`;

export const SHOP = { 'customers.csv': CUSTOMERS, 'orders.csv': ORDERS };

/** A price with two readings: "price" alone does not say which. */
export const TRIPS = `trip_id,net_price,gross_price
1,100,120
2,50,60
3,10,12
`;

/** A file of one column `n` that counts from 0. */
export function numbers(count: number): string {
  return `n\n${Array.from({ length: count }, (_, n) => n).join('\n')}\n`;
}

/** A statement over the table `numbers` (1,000 rows) that takes hours: it looks at 10¹² combinations of rows. */
export const ENDLESS_SQL = 'SELECT sum(a.n * b.n + c.n - d.n) FROM numbers a, numbers b, numbers c, numbers d';

/** Uploads files that are known to be good. */
export async function newSource(
  client: Client,
  files: Record<string, string | Uint8Array<ArrayBuffer>>,
  parts: Record<string, string> = {},
): Promise<UploadedSource> {
  const { status, body } = await client.upload(files, parts);
  if (status !== 201) throw new Error(`The upload failed: ${JSON.stringify(body)}`);
  return body;
}
