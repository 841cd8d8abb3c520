/** How a command ends. */
export const EXIT = {
  /** Done. */
  done: 0,
  /** Refused, or problems were found. */
  refused: 1,
  /** The command was not given as its help says. */
  usage: 2,
  /** The installation cannot be reached or opened. */
  unreachable: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a sentence that says why, and what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The command was not given as its help says. */
export function wrongUsage(message: string): CommandFailure {
  return new CommandFailure(EXIT.usage, message);
}

/** What was asked for cannot be done. */
export function refused(message: string, options?: ErrorOptions): CommandFailure {
  return new CommandFailure(EXIT.refused, message, options);
}
