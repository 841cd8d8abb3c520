import { Injectable } from '@nestjs/common';
import type { Embedder } from '../../engine/retrieval/embedder.js';
import { HashedFeatures } from '../../engine/retrieval/hashed-features.js';

/** Which embedding passages and questions get. */
@Injectable()
export class Embedders {
  private readonly local = new HashedFeatures();

  /** The local one: no installation has a model for embeddings yet. */
  current(): Embedder {
    return this.local;
  }
}
