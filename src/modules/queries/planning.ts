import type { Query } from './entities/query.entity.js';

/** What is asked, of what is known of a query; the plan leaves there whose the statement is and what may go on from it. */
export type Planning = Pick<
  Query,
  | 'userId'
  | 'dataSourceId'
  | 'naturalLanguage'
  | 'generatedSql'
  | 'engine'
  | 'choices'
  | 'createdAt'
  | 'previousState'
  | 'state'
  | 'origin'
>;
