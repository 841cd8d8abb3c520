import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { VerifiedQuery } from './entities/verified-query.entity.js';

/** Finds what a person has found to be the right answer to a question. */
@Injectable()
export class VerifiedQuestions {
  constructor(@InjectRepository(VerifiedQuery) private readonly verified: Repository<VerifiedQuery>) {}

  /** The verified query of the same question; null when there is none. */
  find(dataSourceId: number, question: string): Promise<VerifiedQuery | null> {
    return this.verified.findOneBy({ dataSourceId, questionKey: questionKeyOf(question), isActive: true });
  }
}

/**
 * The same for questions that differ in case, spaces and punctuation only. A mark before a digit stays, because it may be
 * the sign or the point of a number, and so do percent signs.
 */
export function questionKeyOf(question: string): string {
  const words = question
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/(?!%)\p{P}(?!\d)/gu, ' ')
    .split(/\s+/u)
    .filter((word) => word !== '');
  return createHash('sha256').update(words.join(' ')).digest('hex');
}
