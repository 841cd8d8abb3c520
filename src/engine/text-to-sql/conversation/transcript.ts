/** A question that carries a question back and its answer: "list the singers | by name? | yes". */
import type { FollowUpWords } from '../lexicon/lexicon.js';

const BAR = /\s*\|\s*/;
/** The beginning of a question back, which says nothing of what is meant. */
const ASKING =
  /^\W*(?:(?:do|did|would|are|is) (?:you|that|it|this)\s+(?:mean|want|like|need|asking|ask|looking|interested in|wish)(?:ed|ing)?\s*(?:to (?:ask|know|see|find|get|have|list|show)(?: (?:for|about))?|for|about|me to (?:show|list|give|find)(?: you)?)?|so you want|you mean)\s*/i;

function isTold(text: string): boolean {
  return !text.includes('?') && !ASKING.test(text);
}

/** So few words offer no question of their own. */
const LEAST_WORDS = 3;

/**
 * What a person meant to ask, likeliest first, each as questions that go on from one another: after a "yes", what the
 * question back offered; else the first question together with the answer. A question without bars is itself.
 */
export function questionsMeant(question: string, { dialogue }: FollowUpWords): string[][] {
  const parts = question.split(BAR).filter((part) => part !== '');
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return [[question]];
  const answer = rest.length % 2 === 0 ? (rest.at(-1) ?? '') : '';
  const asked = rest.at(rest.length % 2 === 0 ? -2 : -1) ?? '';
  const offered = asked.replace(ASKING, '').trim();
  const more = answer.replace(dialogue.yes, '').replace(/^[\s,.!]+/, '');
  if (answer === '' || dialogue.no.test(answer)) return [[first]];
  const said = answer.replace(dialogue.meant, '');
  // What was told in between is no question: the person goes on.
  if (isTold(asked) && !dialogue.yes.test(answer)) return [[first, answer], [answer]];
  // "I mean the id" chooses something; only a sentence is a question of its own.
  const isChoice = said.split(/\s+/).length < LEAST_WORDS;
  if (!dialogue.yes.test(answer)) return [[`${first} ${said}`], ...(isChoice ? [] : [[said]])];
  if (offered.split(/\s+/).length < LEAST_WORDS) return offered === '' ? [[first]] : [[`${first} ${offered}`]];
  return more === ''
    ? [[first, offered]]
    : [
        [first, `${offered} ${more}`],
        [first, offered],
      ];
}
