/** English verbs that tie things together in a question without naming anything in the data. */
import { stem } from './inflection.js';

const VERBS = `
present cite convert fire remain accept accompany account achieve acquire act add affect agree air allow appear apply arrange arrive ask assign associate attend award base bear become begin
belong borrow bring broadcast build buy call carry cause change charge check choose claim collect come commit compete complete compose concern conduct connect consist
contain continue contribute cover create cut deal define deliver depart depend design designate deserve develop die direct do draw drive drop earn
eat employ end enrol enroll enter equal establish exist expect experience express fall feature feel fill find finish fit fly follow found gain generate get give go grow
handle happen have hear help hire hold host identify include increase invite involve join keep know land last launch lead learn leave lend let lie like link list live locate
look lose maintain make manage marry match mean measure meet mention move need obtain occur offer open operate order organize originate own
participate pass pay perform pick place plan play post prefer prepare present process produce promote provide publish purchase put raise reach read receive refer
register relate release remain rent report represent request require reside respond result retire return ride rise run save say score see select sell send serve set settle share ship show
sign sing sit sort speak spend stand start stay steer stop store study submit subscribe suffer supply support take talk teach tell travel treat try turn use visit vote wait walk want watch
wear win work write own
`;

/** The forms that a verb is known by: "present" loses its end like a participle does, "presented" does not. */
const roots = (verbs: string): ReadonlySet<string> =>
  new Set(
    verbs
      .trim()
      .split(/\s+/)
      .flatMap((verb) => [verb, stem(verb)]),
  );

const VERB_STEMS = roots(VERBS);

const NOUN_OF_ACTION = /(?:[eo]rs?|ions?|ments?)$/;

/** True for any form of a verb that names nothing in the data; nouns made of verbs ("directors") are none. */
export function isVerb(word: string): boolean {
  return !word.includes(' ') && !NOUN_OF_ACTION.test(word) && VERB_STEMS.has(stem(word));
}

/** Verbs that are true of every row of what they are said of: an order is placed, a record exists. */
const EMPTY_VERBS = `
add allow appear base build establish found manage set be become belong bring call carry come compare concern consist contain create deal define describe do enter exist feature
find follow get give go happen have hold include involve issue keep know let like link list live locate look make mark mean mention name need
observe occur operate own participate perform place play present produce provide receive record refer register relate report represent run save
say see serve show situate start state stay store study take tag tell title try use want work write associate connect label
`;

const EMPTY_STEMS = roots(EMPTY_VERBS);
const HELPERS: ReadonlySet<string> = new Set(
  'use used using did does done doing can could may might will would should must shall ever respectively available made took taken given gave gone went known seen found held kept written shown'.split(
    ' ',
  ),
);

/** True for a verb that narrows nothing, in any form. */
export function isEmptyVerb(word: string): boolean {
  return word.includes(' ') || HELPERS.has(word) || EMPTY_STEMS.has(stem(word));
}

const TRADE = 'order sale sell purchase buy invoice transaction receipt';

/** What the rows of a table that is named so are about: what is measured of a sale was sold. */
const IMPLIED: Record<string, string> = {
  sell: TRADE,
  buy: TRADE,
  purchase: TRADE,
  order: TRADE,
  spend: `${TRADE} payment expense spending cost`,
  pay: 'payment salary wage payroll',
  earn: 'salary wage payroll income earning revenue sale',
  work: 'shift timesheet attendance worklog employment',
  ship: 'shipment shipping delivery',
  deliver: 'shipment shipping delivery',
  rent: 'rental lease',
  produce: 'production manufacturing',
  play: 'match game play session',
  donate: 'donation gift',
  book: 'booking reservation',
  return: 'return refund',
  borrow: 'loan lending checkout',
  lend: 'loan lending checkout',
  visit: 'visit appointment',
  attend: 'attendance',
  subscribe: 'subscription',
  enroll: 'enrollment enrolment',
  enrol: 'enrollment enrolment',
  use: 'usage consumption',
  consume: 'usage consumption',
};

const IMPLIED_STEMS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(IMPLIED).map(([verb, nouns]) => [stem(verb), new Set(nouns.split(' ').map(stem))]),
);

/** True for a verb that says of a measure what the words of its table's name say already. */
export function isImplied(verb: string, tableWords: readonly string[]): boolean {
  const nouns = IMPLIED_STEMS.get(stem(verb));
  return nouns !== undefined && tableWords.some((word) => nouns.has(stem(word)));
}

const PARTICIPLE = /(?:ed|en|wn|rn|ught|old|ung|de|ent|aid|ost|eld)$/;
const TIES = new Set(['by', 'in', 'on', 'at', 'for', 'from', 'to', 'up', 'off', 'out', 'since']);

/** True for "directed", and for "directed by" taken as one phrase. */
export function isParticiple(first: string, last: string): boolean {
  return PARTICIPLE.test(first) && (first === last || TIES.has(last));
}

/** "order the boats by length". */
export const SORTING_VERBS: ReadonlySet<string> = new Set(['order', 'sort', 'rank', 'arrange']);
