import { FIRST_USER_OID, type TypeRow } from './column-types.js';
import type { PostgresSession } from './session.js';

/**
 * Looks up the types that do not come with the server, and those that they are made of.
 *
 * @param oids of columns; those of the server itself are left out
 */
export async function readUserTypes(session: PostgresSession, oids: Iterable<number>): Promise<Map<number, TypeRow>> {
  const known = new Map<number, TypeRow>();
  let wanted = [...new Set(oids)].filter((oid) => oid >= FIRST_USER_OID);
  while (wanted.length > 0) {
    const rows = await session.rows(
      `SELECT oid, typtype, typcategory, typbasetype, typtypmod,
         CASE WHEN typcategory = 'A' AND typlen = -1 THEN typelem ELSE 0 END
       FROM pg_catalog.pg_type WHERE oid = ANY($1::pg_catalog.oid[])`,
      [`{${wanted.join(',')}}`],
    );
    for (const [oid, kind, category, baseOid, baseModifier, itemOid] of rows) {
      known.set(Number(oid), {
        oid: Number(oid),
        kind: kind ?? '',
        category: category ?? '',
        baseOid: Number(baseOid),
        baseModifier: Number(baseModifier),
        itemOid: Number(itemOid),
      });
    }
    const next = rows.flatMap((row) => [Number(row[3]), Number(row[5])]);
    wanted = [...new Set(next)].filter((oid) => oid >= FIRST_USER_OID && !known.has(oid));
  }
  return known;
}
