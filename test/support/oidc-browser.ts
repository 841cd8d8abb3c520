/** A provider on loopback, and a browser that signs in there: it keeps cookies and follows redirections, and nothing more. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Person {
  email?: string;
  email_verified?: boolean;
  name?: string;
  preferred_username?: string;
  groups?: string[];
}

export class OidcProviderProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** For `OIDC_ISSUER`. */
    readonly issuer: string,
  ) {}

  static async open(redirectUri: string): Promise<OidcProviderProcess> {
    const child = fork(join(import.meta.dirname, 'oidc-provider.mjs'), [JSON.stringify([redirectUri])], {
      execArgv: ['--no-warnings'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [{ issuer }] = (await once(child, 'message')) as [{ issuer: string }];
    return new OidcProviderProcess(child, issuer);
  }

  /** From now on these are all people there are, by their subject. */
  async know(accounts: Record<string, Person>): Promise<void> {
    await this.become({ accounts });
  }

  /** From now on this is wrong with what the provider says; null ends it. */
  async lie(lie: string | null): Promise<void> {
    await this.become({ lie });
  }

  async close(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }

  private async become(change: object): Promise<void> {
    this.child.send(change);
    await once(this.child, 'message');
  }
}

/** An answer that sends the browser nowhere else, or to a place that is not on this machine. */
export interface Stop {
  url: URL;
  status: number;
  body: string;
  headers: Headers;
}

interface Journey {
  /** Who signs in when the provider asks. */
  as?: string;
  /** Stops before it goes to such an address. */
  until?: (url: URL) => boolean;
}

const MOST_STEPS = 15;

export class Browser {
  /** What is kept, by host and name. */
  private readonly cookies = new Map<string, Map<string, string>>();
  /** Every `Set-Cookie` that came, as it came. */
  readonly setCookies: string[] = [];
  readonly visited: URL[] = [];

  /** @param proxies where a public address really is; a path below it stays */
  constructor(private readonly proxies: Readonly<Record<string, string>>) {}

  /** Goes to an address, and on until an answer sends it nowhere. */
  async open(address: string, { as = '', until }: Journey = {}): Promise<Stop> {
    let url = new URL(address);
    for (let step = 0; step < MOST_STEPS; step++) {
      this.visited.push(url);
      const response = await this.get(url, as);
      const location = response.headers.get('location');
      if (location === null) return this.stop(url, response);
      url = new URL(location, url);
      if (until?.(url) === true || this.reach(url) === null) return this.stop(url, response);
    }
    throw new Error(`The browser is sent around in circles: ${url.href}`);
  }

  private async stop(url: URL, response: Response): Promise<Stop> {
    return { url, status: response.status, body: await response.text(), headers: response.headers };
  }

  private async get(url: URL, as: string): Promise<Response> {
    const kept = this.cookies.get(url.host) ?? new Map<string, string>();
    this.cookies.set(url.host, kept);
    const cookie = [...kept].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(this.reach(url) ?? url, {
      redirect: 'manual',
      headers: { 'x-sign-in-as': as, ...(cookie === '' ? {} : { cookie }) },
    });
    for (const text of response.headers.getSetCookie()) {
      this.setCookies.push(text);
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(text)) kept.delete(name);
      else kept.set(name, value);
    }
    return response;
  }

  /** The same on this machine, or null. */
  private reach(url: URL): string | null {
    if (url.hostname === '127.0.0.1') return url.href;
    const found = Object.entries(this.proxies).find(([address]) => url.href.startsWith(`${address}/`));
    return found === undefined ? null : `${found[1]}${url.href.slice(found[0].length)}`;
  }
}
