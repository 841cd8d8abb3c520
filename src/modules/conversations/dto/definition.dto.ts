/** What to send to `POST /business-glossary`, as it is, so that questions can name the term. */
export class OfferedTermDto {
  /** @example 'AOV' */
  term!: string;
  /** @example 'revenue / orders' */
  definition!: string;
  /** How it is worked out over the tables of the source; null where the definition is no formula over them. @example 'SUM("orders"."amount") / COUNT("orders"."id")' */
  formula!: string | null;
  /** @example 1 */
  data_source_id!: number;
}

/** What a document says that a word of the question means, quoted as it is written. */
export class DefinitionDto {
  /** @example 'AOV' */
  term!: string;
  /** @example 'revenue / orders' */
  definition!: string;
  /** @example 3 */
  document_id!: number;
  /** Of the document. @example 'Metrics' */
  title!: string;
  /** Where it is in the document, term included, in UTF-16 code units. @example 120 */
  start!: number;
  /** @example 141 */
  end!: number;
  glossary_term!: OfferedTermDto;
}
