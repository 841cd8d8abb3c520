import { Injectable } from '@nestjs/common';
import type { Option, SmallTalk } from '../../engine/dialogue/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import { ExampleQuestions } from '../queries/index.js';
import type { OpenMatter } from './entities/conversation.entity.js';
import type { Reply } from './turn-journal.js';

/** Sources that are offered, at the most; others are chosen by `data_source_id`. */
const MOST_SOURCES = 50;

const BEGINNINGS: Record<SmallTalk, string> = {
  greeting: 'Hello.',
  thanks: 'You are welcome.',
  farewell: 'Good-bye.',
  help: 'Ask about the data in plain language, go on from an answer (“and by month?”, “only Germany”), or say how words are meant (“by customers I mean accounts”).',
  never_mind: 'All right.',
  nothing: 'There is no question in that.',
};

/** What is said to greetings, thanks and calls for help, and when it is not clear what is meant. The same to the same, always. */
@Injectable()
export class HelpReplies {
  constructor(
    private readonly sources: DataSourcesService,
    private readonly examples: ExampleQuestions,
  ) {}

  async of(talk: SmallTalk, dataSourceId: number | null, caller: Principal): Promise<Reply> {
    const beginning = BEGINNINGS[talk];
    const sources = await this.sourcesOf(caller);
    const [only] = sources;
    const about = dataSourceId ?? (sources.length === 1 && only !== undefined ? Number(only.value) : null);
    if (about !== null) {
      const suggestions = await this.suggestions(about, caller);
      const end =
        suggestions.length === 0
          ? 'Ask me something about the data.'
          : `You can ask, for example: ${quoted(suggestions)}.`;
      return { kind: 'help', text: `${beginning} ${end}`, suggestions };
    }
    if (only === undefined) return { kind: 'help', text: `${beginning} ${NO_DATA}`, suggestions: [] };
    const names = quoted(sources.map(({ label }) => label));
    return {
      kind: 'help',
      text: `${beginning} There is data to ask about: ${names}. Say which, or just ask.`,
      suggestions: [],
    };
  }

  /** Questions that a source can answer; none for one that is gone, or cannot be reached. */
  async suggestions(dataSourceId: number, caller: Principal): Promise<string[]> {
    try {
      return await this.examples.of(dataSourceId, caller);
    } catch (error) {
      if (error instanceof DomainError) return [];
      throw error;
    }
  }

  /** The sources that somebody can ask, to be chosen from. */
  async sourcesOf(caller: Principal): Promise<Option[]> {
    const { items } = await this.sources.list(caller, { limit: MOST_SOURCES });
    return items.map(({ id, name }) => ({ value: String(id), label: name }));
  }

  whichSource(question: string, options: Option[]): Reply {
    const text = `Which data is this about?\n${numbered(options)}`;
    return { kind: 'data_source_wanted', text, open: { kind: 'data_source', question, options } };
  }

  /** @param left of the options, where the words fit more than one */
  askAgain(open: OpenMatter, options: readonly Option[], left: readonly Option[] = options): Reply {
    const beginning =
      left.length < options.length ? 'That fits more than one of these' : 'I do not know which of these you mean';
    const text = `${beginning}: say its number or its name, or “never mind”.\n${numbered(options)}`;
    if (open.kind === 'data_source') return { kind: 'data_source_wanted', text, open };
    return { kind: 'clarification', text, open, queryId: open.queryId };
  }
}

export const NO_DATA = 'There is no data to ask about yet: upload a file, or connect a database.';

/** Options as they are read out: "1. …". */
export function numbered(options: readonly Option[]): string {
  return options.map(({ label }, index) => `${index + 1}. ${label}`).join('\n');
}

function quoted(texts: readonly string[]): string {
  return texts.map((text) => `“${text}”`).join(', ');
}
