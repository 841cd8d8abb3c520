/** A person at the API: signs up, signs in, and calls routes with their token. */
import { randomUUID } from 'node:crypto';

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** The body of any error. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  instance: string;
  request_id: string;
  errors?: { field: string; message: string }[];
}

export interface Account {
  id: number;
  username: string;
  password: string;
  client: Client;
}

export interface UploadedSource {
  id: number;
  name: string;
  tables_count: number;
  row_count: number;
}

/** Contents by name. */
export type Files = Record<string, string | Uint8Array<ArrayBuffer>>;

/** The address of the server that all tests share. */
export function serverUrl(): string {
  const url = process.env['LUMIERE_TEST_URL'];
  if (url === undefined) throw new Error('There is no test server: run the tests through the e2e project.');
  return url;
}

export class Client {
  constructor(
    readonly url: string,
    readonly token?: string,
    readonly apiKey?: string,
  ) {}

  /** The same person at another server. */
  at(url: string): Client {
    return new Client(url, this.token, this.apiKey);
  }

  get<T>(path: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send<T>('GET', path, undefined, headers);
  }

  post<T>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send<T>('POST', path, body, headers);
  }

  patch<T>(path: string, body: unknown): Promise<Answer<T>> {
    return this.send<T>('PATCH', path, body);
  }

  put<T>(path: string, body: unknown): Promise<Answer<T>> {
    return this.send<T>('PUT', path, body);
  }

  delete<T = undefined>(path: string): Promise<Answer<T>> {
    return this.send<T>('DELETE', path);
  }

  /** Uploads files, each as a table, with text parts beside them. */
  upload<T = UploadedSource>(files: Files, parts: Record<string, string> = {}, query = ''): Promise<Answer<T>> {
    return this.sendFiles<T>(`/data-sources/upload${query}`, files, parts);
  }

  /** Adds tables to a source, or replaces them. */
  addFiles<T = UploadedSource>(
    id: number,
    files: Files,
    parts: Record<string, string> = {},
    query = '',
  ): Promise<Answer<T>> {
    return this.sendFiles<T>(`/data-sources/${id}/files${query}`, files, parts);
  }

  /** Any request below the server's address, with the token or the key. */
  async fetch<T>(path: string, init: RequestInit): Promise<Answer<T>> {
    const response = await this.raw(path, init);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }

  raw(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token !== undefined) headers.set('authorization', `Bearer ${this.token}`);
    if (this.apiKey !== undefined) headers.set('x-api-key', this.apiKey);
    return fetch(`${this.url}${path}`, { ...init, headers });
  }

  private sendFiles<T>(path: string, files: Files, parts: Record<string, string>): Promise<Answer<T>> {
    const form = new FormData();
    for (const [name, value] of Object.entries(parts)) form.append(name, value);
    for (const [name, content] of Object.entries(files)) form.append('file', new Blob([content]), name);
    return this.fetch<T>(`/api/v1${path}`, { method: 'POST', body: form });
  }

  private send<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    return this.fetch<T>(`/api/v1${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

/** Registers and signs in somebody new. */
export async function newAccount(url = serverUrl()): Promise<Account> {
  const visitor = new Client(url);
  const username = `u${randomUUID().slice(0, 12)}`;
  const password = `pass ${randomUUID()}`;
  const registered = await visitor.post<{ id: number }>('/auth/register', {
    username,
    password,
    email: `${username}@example.com`,
  });
  if (registered.status !== 201) throw new Error(`Registering failed: ${JSON.stringify(registered.body)}`);
  const session = await visitor.post<{ access_token: string }>('/auth/login', { username, password });
  return { id: registered.body.id, username, password, client: new Client(url, session.body.access_token) };
}
