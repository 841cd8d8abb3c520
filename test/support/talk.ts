/** A conversation as a client has it. */
import type { Account, Answer, Client, Problem } from './client.js';
import type { Query } from './shapes.js';

export interface Conversation {
  id: number;
  title: string | null;
  data_source_id: number | null;
  archived: boolean;
  parent_id: number | null;
  branched_from_id: number | null;
  created_at: string;
  last_message_at: string;
}

export interface Message {
  id: number;
  conversation_id: number;
  role: string;
  kind: string | null;
  status: string;
  text: string;
  reply_to_id: number | null;
  data_source_id: number | null;
  query_id: number | null;
  clarification: Query['clarification'];
  suggestions: string[];
  citations: { document_id: number; title: string; text: string; start: number; end: number }[];
  definitions: {
    term: string;
    definition: string;
    document_id: number;
    title: string;
    start: number;
    end: number;
    glossary_term: { term: string; definition: string; formula: string | null; data_source_id: number };
  }[];
  source_ids: number[];
  error: { code: string; detail: string } | null;
  outdated: boolean;
  query: Query | null;
}

export interface Memory {
  id: number;
  type: string;
  key: string;
  value: Record<string, unknown>;
  effect: string;
}

export class Talk {
  private constructor(
    readonly id: number,
    readonly account: Account,
  ) {}

  static async begin(account: Account, given: object = {}): Promise<Talk> {
    const { status, body } = await account.client.post<Conversation>('/conversations', given);
    if (status !== 201) throw new Error(`No conversation was begun: ${JSON.stringify(body)}`);
    return new Talk(body.id, account);
  }

  static of(account: Account, id: number): Talk {
    return new Talk(id, account);
  }

  get client(): Client {
    return this.account.client;
  }

  get path(): string {
    return `/conversations/${this.id}`;
  }

  /** Says something and gives the reply. */
  async say(text: string, more: object = {}): Promise<Message> {
    const { status, body } = await this.post(text, more);
    if (status !== 201) throw new Error(`${text}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  post(text: string, more: object = {}, headers: Record<string, string> = {}): Promise<Answer<Message & Problem>> {
    return this.account.client.post<Message & Problem>(`${this.path}/messages?wait=30`, { text, ...more }, headers);
  }

  async messages(query = ''): Promise<Message[]> {
    return (await this.account.client.get<{ items: Message[] }>(`${this.path}/messages?limit=200${query}`)).body.items;
  }

  async memory(): Promise<Memory[]> {
    return (await this.account.client.get<{ items: Memory[] }>(`${this.path}/memory`)).body.items;
  }

  async now(): Promise<Conversation> {
    return (await this.account.client.get<Conversation>(this.path)).body;
  }
}
