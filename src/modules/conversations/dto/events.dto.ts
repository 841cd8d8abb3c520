import type { InterpretationDto } from '../../queries/index.js';
import type { MessageStatus } from '../entities/conversation-message.entity.js';
import type { MessageDto } from './message.dto.js';

/** What you have said is stored; the reply is on its way. */
export class MessageEventDto {
  message!: MessageDto;
  /** The message that will be the reply. @example 12 */
  reply_id!: number;
}

/** How the question was read. */
export class InterpretationEventDto {
  /** @example 7 */
  query_id!: number;
  /** @example 'Number of orders by month.' */
  paraphrase!: string | null;
  interpretation!: InterpretationDto[];
  sql!: string | null;
  confidence!: number | null;
}

/** The statement is on its way: `/queries/{id}/events` tells how far it is. */
export class RunningEventDto {
  /** @example 7 */
  query_id!: number;
}

/** The next sentence of the reply, where a model writes it; the whole is in `answer`. */
export class TextEventDto {
  /** @example 'Germany has the most: 300.' */
  text!: string;
}

/** The turn is over. */
export class DoneEventDto {
  /** @example 12 */
  message_id!: number;
  status!: MessageStatus;
}
