import { EngineError } from '../../errors.js';

/** @throws EngineError `sql_construct_not_allowed` always */
export function refuseConstruct(what: string): never {
  throw new EngineError('sql_construct_not_allowed', `${what} is not allowed here. Rewrite the query without it.`);
}

/** Also for columns that are there but not for this caller: the two must look the same. */
export function unknownColumn(name: string): EngineError {
  return new EngineError('sql_invalid', `There is no column ${name} here. Use the columns of the tables in FROM.`);
}
