/** A kind of thing that happens. The type of what is told of it is part of it. */
export class EventKind<P extends object> {
  declare private readonly payload: P;

  /** @param name lower case and dots, what it is about and what happened to it: `query.finished` */
  constructor(readonly name: `${string}.${string}`) {}
}
