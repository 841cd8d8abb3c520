import { describe, expect, it } from '@jest/globals';
import { endsWithId, namesKey } from './key-columns.js';

describe('the name of a key', () => {
  it.each(['id', 'ID', 'customer_id', 'customerId', 'StuID', 'stuid', 'orderid', 'item id'])('is %s', (name) => {
    expect(namesKey(name)).toBe(true);
    expect(endsWithId(name)).toBe(true);
  });

  it.each(['paid', 'amount_paid', 'totalPaid', 'AMOUNT_PAID', 'bid', 'highest bid', 'humid', 'uric_acid', 'grid'])(
    'is not %s, though it ends in the same letters',
    (name) => {
      expect(namesKey(name)).toBe(false);
      expect(endsWithId(name)).toBe(false);
    },
  );
});
