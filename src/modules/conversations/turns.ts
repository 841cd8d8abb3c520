import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DatabaseConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { refusalOf } from '../../platform/http/index.js';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import { ConversationsService } from './conversations.service.js';
import { Dialogue } from './dialogue.js';
import type { SayDto } from './dto/message.dto.js';
import type { ConversationMessage } from './entities/conversation-message.entity.js';
import { type BegunTurn, LEASE_MS, type Reply, TurnJournal } from './turn-journal.js';

interface Turn {
  conversationId: number;
  abort: AbortController;
  /** Resolves when the reply is written down; never rejects. */
  done: Promise<void>;
  /** Resolves when there is something new to tell of it. */
  changed: Promise<void>;
}

/** The turns that this process is at work on. Whoever said something may go away: the turn goes on, and its end is stored. */
@Injectable()
export class Turns implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Turns.name);
  private readonly turns = new Map<number, Turn>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly journal: TurnJournal,
    private readonly conversations: ConversationsService,
    private readonly sources: DataSourcesService,
    private readonly dialogue: Dialogue,
    private readonly database: DatabaseConfig,
  ) {}

  /** With the embedded database this process is alone: whatever is still in progress never ends by itself. */
  async onApplicationBootstrap(): Promise<void> {
    await this.journal.endInterrupted([], this.database.url === undefined);
    this.timer = setInterval(() => void this.keepUp(), LEASE_MS / 3).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    const turns = [...this.turns.values()];
    for (const { abort } of turns) abort.abort();
    await Promise.all(turns.map(({ done }) => done));
  }

  /**
   * Writes down what is said and begins to answer it.
   *
   * @param requestKey of a request that may be sent again: the reply to its first sending is given then
   * @returns the reply, in progress
   * @throws DomainError `not_found`, for the source too; `forbidden` for a caller who may not run queries; `conversation_busy`;
   *   `idempotency_key_reused`
   */
  async begin(
    conversationId: number,
    { text, data_source_id: dataSourceId = null }: SayDto,
    caller: Principal,
    requestKey: string | null,
  ): Promise<ConversationMessage> {
    if (!caller.permissions.has('queries:write')) throw mayNotAsk();
    await this.conversations.get(conversationId, caller);
    if (dataSourceId !== null) await this.sources.get(dataSourceId, caller);
    const repeated = requestKey === null ? null : await this.journal.repeated(conversationId, requestKey, text);
    if (repeated !== null) return repeated;
    const begun = await this.journal.begin(conversationId, { text, dataSourceId, requestKey }, caller);
    this.start(begun, caller);
    return begun.reply;
  }

  /** Resolves when the turn is over, or after that time; at once when it is none of this process. */
  async wait(replyId: number, milliseconds: number): Promise<void> {
    const turn = this.turns.get(replyId);
    if (turn === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await Promise.race([turn.done, late]);
    clearTimeout(timer);
  }

  /** Resolves when there is something new to tell of a turn; null when it is none of this process. */
  change(replyId: number): Promise<void> | null {
    return this.turns.get(replyId)?.changed ?? null;
  }

  /** Ends what is in progress in a conversation here, and resolves when it has ended. */
  async stop(conversationId: number): Promise<void> {
    const turns = [...this.turns.values()].filter((turn) => turn.conversationId === conversationId);
    for (const { abort } of turns) abort.abort();
    await Promise.all(turns.map(({ done }) => done));
  }

  private start(begun: BegunTurn, caller: Principal): void {
    const abort = new AbortController();
    const { id } = begun.reply;
    let tell: () => void = () => undefined;
    const next = (): Promise<void> =>
      new Promise<void>((resolve) => {
        tell = resolve;
      });
    const turn: Turn = { conversationId: begun.conversation.id, abort, done: Promise.resolve(), changed: next() };
    const onText = (): void => {
      const told = tell;
      turn.changed = next();
      told();
    };
    const onQuery = async (queryId: number): Promise<void> => {
      await this.journal.note(id, queryId);
      onText();
    };
    turn.done = this.answer({ ...begun, caller, signal: abort.signal, onQuery, onText }).finally(() => {
      this.turns.delete(id);
      tell();
    });
    this.turns.set(id, turn);
  }

  private async answer(turn: Parameters<Dialogue['reply']>[0]): Promise<void> {
    try {
      await this.journal.finish(turn, await this.dialogue.reply(turn).catch((error: unknown) => this.failure(error)));
    } catch (error) {
      // It stays in progress, without anybody at work on it: it is ended when its lease has run out.
      this.logger.error(error);
    }
  }

  private failure(error: unknown): Reply {
    const { code, detail } = refusalOf(error);
    if (code === 'internal_error') this.logger.error(error);
    return { kind: 'failure', text: detail, error: { code, detail } };
  }

  private async keepUp(): Promise<void> {
    try {
      const atWork = [...this.turns.keys()];
      await this.journal.renew(atWork);
      await this.journal.endInterrupted(atWork, false);
    } catch (error) {
      this.logger.error(error);
    }
  }
}

function mayNotAsk(): DomainError {
  return new DomainError(
    'forbidden',
    'Saying something in a conversation asks questions, which takes the permission queries:write as well.',
  );
}
