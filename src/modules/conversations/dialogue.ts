import { Injectable } from '@nestjs/common';
import {
  chooseOption,
  type Instruction,
  instructionIn,
  looksLikeQuestion,
  type SmallTalk,
  smallTalkOf,
} from '../../engine/dialogue/index.js';
import type { OpenMatter } from './entities/conversation.entity.js';
import { HelpReplies } from './help-replies.js';
import { MemoriesService } from './memories.service.js';
import { CONTEXT_KEY, maxRowsMemory, synonymKey, synonymMemory } from './memory-kinds.js';
import { QuestionTurns } from './question-turns.js';
import type { TurnAtWork } from './turn-at-work.js';
import type { Reply } from './turn-journal.js';

/** Decides what something that is said in a conversation is: small talk, an instruction, an answer to what was asked back, a question. */
@Injectable()
export class Dialogue {
  constructor(
    private readonly help: HelpReplies,
    private readonly memories: MemoriesService,
    private readonly questions: QuestionTurns,
  ) {}

  /** @throws DomainError, EngineError as asking does */
  async reply(turn: TurnAtWork): Promise<Reply> {
    const { messageText: text } = turn.said;
    const open = await this.stillOpen(turn);
    const instruction = instructionIn(text);
    if (instruction !== null) return this.instructed(turn, instruction, open);
    const settled = open === null ? null : await this.settle(turn, open, text);
    if (settled !== null) return settled;
    const talk = smallTalkOf(text);
    if (talk !== null) return this.talk(turn, talk, open);
    if (open !== null && !looksLikeQuestion(text)) return this.help.askAgain(open, await this.optionsOf(turn, open));
    return this.ask(turn, text);
  }

  /** What is open, if it still is: a query may have been answered, or removed, on another way. */
  private async stillOpen(turn: TurnAtWork): Promise<OpenMatter | null> {
    const { open = null } = turn.conversation.sessionState;
    return open !== null && (await this.optionsOf(turn, open)).length > 0 ? open : null;
  }

  private async optionsOf({ caller }: TurnAtWork, open: OpenMatter): Promise<{ value: string; label: string }[]> {
    return open.kind === 'data_source' ? open.options : this.questions.optionsOf(open.queryId, caller);
  }

  /** Null when the text names none of the options. */
  private async settle(turn: TurnAtWork, open: OpenMatter, text: string): Promise<Reply | null> {
    const options = await this.optionsOf(turn, open);
    const isQuestion = looksLikeQuestion(text);
    const choice = chooseOption(text, options);
    if (choice === null) return null;
    if (choice.kind === 'several') return isQuestion ? null : this.help.askAgain(open, options, choice.options);
    if (isQuestion && !isNamed(text, choice.option)) return null;
    if (open.kind === 'clarification') return this.questions.answer(turn, open.queryId, choice.option.value);
    return this.questions.ask(turn, Number(choice.option.value), open.question);
  }

  private async talk(turn: TurnAtWork, talk: SmallTalk, open: OpenMatter | null): Promise<Reply> {
    if (open === null || talk === 'never_mind') return this.help.of(talk, turn.conversation.dataSourceId, turn.caller);
    return this.help.askAgain(open, await this.optionsOf(turn, open));
  }

  private async instructed(turn: TurnAtWork, instruction: Instruction, open: OpenMatter | null): Promise<Reply> {
    const { id } = turn.conversation;
    switch (instruction.kind) {
      case 'synonym': {
        const { synonym } = instruction;
        await this.memories.keep(id, synonymMemory(synonym));
        const settled = open === null ? null : await this.settle(turn, open, synonym.means);
        return (
          settled ??
          remembered(`From now on I read “${synonym.term}” as “${synonym.means}” in this conversation.`, open)
        );
      }
      case 'row_limit':
        await this.memories.keep(id, maxRowsMemory(instruction.rows));
        return remembered(
          `From now on at most ${instruction.rows} rows are kept for your questions in this conversation.`,
          open,
        );
      case 'forget_synonym': {
        const { term } = instruction;
        const known = await this.memories.forget(id, synonymKey(term));
        return remembered(
          known ? `“${term}” is read as it stands again.` : `Nothing was kept in mind about “${term}”.`,
          open,
        );
      }
      case 'start_over':
        await this.memories.forget(id, CONTEXT_KEY);
        return remembered('We start anew: your next question stands by itself.', null);
    }
  }

  private async ask(turn: TurnAtWork, text: string): Promise<Reply> {
    const known = turn.said.dataSourceId;
    if (known !== null) return this.questions.ask(turn, known, text);
    const sources = await this.help.sourcesOf(turn.caller);
    const [only] = sources;
    if (only !== undefined && sources.length === 1) return this.questions.ask(turn, Number(only.value), text);
    if (only === undefined) return this.questions.withoutData(turn, text);
    return this.help.whichSource(text, sources);
  }
}

function remembered(text: string, open: OpenMatter | null): Reply {
  return { kind: 'remembered', text, open };
}

function isNamed(text: string, { value, label }: { value: string; label: string }): boolean {
  const said = text.trim().toLowerCase();
  return said === value.toLowerCase() || said === label.toLowerCase();
}
