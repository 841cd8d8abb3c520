import { Injectable } from '@nestjs/common';

type End = (dataSourceId: number) => Promise<void>;

/** Later modules say here how what they have going on at a source is brought to an end, before the source goes. */
@Injectable()
export class SourceRemovals {
  private readonly ends: End[] = [];

  add(end: End): void {
    this.ends.push(end);
  }

  /** Resolves when the end of everything is recorded. */
  async endAll(dataSourceId: number): Promise<void> {
    await Promise.all(this.ends.map((end) => end(dataSourceId)));
  }
}
