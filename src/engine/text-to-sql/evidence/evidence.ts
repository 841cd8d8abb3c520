import type { Calendar } from '../../catalog/calendar.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import type { SchemaIndex } from './schema-index.js';
import type { ValueIndex } from './value-index.js';

/** Everything that words of a question can be linked to. */
export interface Evidence {
  lexicon: Lexicon;
  calendar: Calendar;
  schema: SchemaIndex;
  values: ValueIndex;
}
