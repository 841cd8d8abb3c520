import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem, serverUrl, type UploadedSource } from './support/client.js';
import { ClickHouseDouble } from './support/clickhouse-double.js';
import { CLICKHOUSE_SHOP } from './support/clickhouse-contract.js';
import type { Schema } from './support/shapes.js';
import { TrinoDouble } from './support/trino-double.js';
import { TRINO_SHOP } from './support/trino-contract.js';
