import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, SHOP } from './support/data.js';
import type { Query } from './support/shapes.js';

interface Schema {
  calendar: { timezone: string; week_start: number; fiscal_year_start: number };
}

const JULY = { timezone: 'Asia/Ho_Chi_Minh', week_start: 7, fiscal_year_start: 7 };

describe('the calendar of a data source', () => {
  let ada: Account;
  let shop: number;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: shop } = await newSource(ada.client, SHOP));
  });

  const ask = async (question: string): Promise<unknown[][]> =>
    (await ada.client.post<Query>('/queries', { data_source_id: shop, question })).body.rows;

  it('is the usual one at first', async () => {
    const { body } = await ada.client.get<Schema>(`/data-sources/${shop}/schema`);
    expect(body.calendar).toEqual({ timezone: 'UTC', week_start: 1, fiscal_year_start: 1 });
    expect(await ask('How many orders in FY2025?')).toEqual([[6]]);
  });

  it('changes what is asked for from the next question on', async () => {
    const { status, body } = await ada.client.patch<Schema>(`/data-sources/${shop}/schema`, { calendar: JULY });
    expect([status, body.calendar]).toEqual([200, JULY]);
    expect(await ask('How many orders in FY2025?')).toEqual([[7]]);
    expect(await ask('How many orders in Q2 FY25?')).toEqual([[1]]);
    expect(await ask('How many orders on Sundays?')).toEqual([[1]]);
    expect((await ask('number of orders by day of week'))[0]).toEqual(['Sunday', 1]);
  });

  it.each([
    [{ ...JULY, timezone: 'Mars/Olympus' }, 'calendar.timezone'],
    [{ ...JULY, week_start: 0 }, 'calendar.week_start'],
    [{ ...JULY, week_start: 8 }, 'calendar.week_start'],
    [{ ...JULY, fiscal_year_start: 13 }, 'calendar.fiscal_year_start'],
    [{ timezone: 'UTC' }, 'calendar.week_start'],
  ])('is refused where it is none: %j', async (calendar, field) => {
    const { status, body } = await ada.client.patch<Problem>(`/data-sources/${shop}/schema`, { calendar });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors?.map((error) => error.field)).toContain(field);
  });

  it('is nobody else’s to change', async () => {
    const eve = await newAccount();
    const { status } = await eve.client.patch(`/data-sources/${shop}/schema`, { calendar: JULY });
    expect(status).toBe(404);
  });
});
