import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is missing or wrong. The message names it and says what it should be. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Somebody else is at work in the data directory. */
export class DataDirectoryInUseError extends ConfigurationError {}

/** The process's environment over the values of a `.env` file in the working directory, when there is one. */
export function readEnvironment(file = '.env'): Environment {
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return { ...fromFile, ...process.env };
}

/** Reads typed values from an environment; every refusal names the variable. An empty value counts as unset. */
export class EnvironmentReader {
  /** @param noted takes refusals, so that one is told them all; without it, the first one is thrown */
  constructor(
    private readonly environment: Environment,
    private readonly noted?: string[],
  ) {}

  /** @throws ConfigurationError unless refusals are noted; reading goes on with any other value then */
  refuse(message: string): void {
    if (this.noted === undefined) throw new ConfigurationError(message);
    this.noted.push(message);
  }

  optional(name: string): string | undefined {
    const value = this.environment[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  }

  string(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < range.min || value > range.max) {
      this.refuse(`${name} must be a whole number from ${range.min} to ${range.max}.`);
      return fallback;
    }
    return value;
  }

  number(name: string, fallback: number, range: { min: number; max: number }): number {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (!Number.isFinite(value) || value < range.min || value > range.max) {
      this.refuse(`${name} must be a number from ${range.min} to ${range.max}.`);
      return fallback;
    }
    return value;
  }

  boolean(name: string, fallback: boolean): boolean {
    const text = this.optional(name)?.toLowerCase();
    if (text === undefined) return fallback;
    if (['true', '1', 'yes', 'on'].includes(text)) return true;
    if (['false', '0', 'no', 'off'].includes(text)) return false;
    this.refuse(`${name} must be true or false.`);
    return fallback;
  }

  oneOf<const T extends readonly string[]>(name: string, fallback: T[number], allowed: T): T[number] {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    if (allowed.includes(text)) return text;
    this.refuse(`${name} must be one of: ${allowed.join(', ')}.`);
    return fallback;
  }

  url(name: string, protocols: readonly string[]): string | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
      this.refuse(`${name} must be an address that starts with ${protocols.join(' or ')}//.`);
      return undefined;
    }
    return text;
  }

  list(name: string): string[] {
    return (this.optional(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
}
