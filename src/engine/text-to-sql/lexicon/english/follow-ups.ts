/** How English questions lean on the one before. */
import type { FollowUpWords } from '../lexicon.js';

const phrases = (text: string): ReadonlySet<string> => new Set(text.split('|'));

/** What may stand before and behind a wish about the result. */
const LEAD =
  '^(?:(?:and|now|then|so|ok|okay|but|please|can you|could you|can i|i want to|let me|just|show|see|give|get|list|display|sort|order|do|me|us|it|them|this|that|these|those|have|is|in) )*';
const TAIL = '(?: (?:please|now|again|instead|for me|then|too|behind (?:it|this|that|them)))*$';
const wish = (form: string): RegExp => new RegExp(`${LEAD}(?:${form})${TAIL}`);

const EDITS: FollowUpWords['edits'] = [
  {
    edit: 'reverse',
    form: wish(
      '(?:the )?other way (?:a ?)?round|(?:reverse|reversed|flip|invert)(?: (?:it|them|this|that|the order|the list|the sorting|order))?|(?:the )?(?:reverse|reversed|opposite|inverse) order|upside down|turn (?:it|them|this|that) (?:a)?round|(?:the )?reverse',
    ),
  },
  {
    edit: 'release',
    form: wish(
      '(?:(?:drop|remove|clear|lift|ignore|forget|delete|reset|undo|without|no|take (?:away|off|out)) )(?:(?:all|of|the|these|those|that|this|my|any|every) )*(?:filters?|filtering|conditions?|restrictions?)|unfiltered|(?:for |with )?(?:everything|everybody|everyone|all(?: of (?:it|them))?) again|no filters?',
    ),
  },
  {
    edit: 'total',
    form: wish(
      '(?:in )?(?:the )?(?:total|grand total|sum total)|overall|altogether|all (?:together|in all)|in sum|summed up|taken together',
    ),
  },
  {
    edit: 'rows',
    form: wish(
      '(?:(?:the|all|of|its|their|those|these|single|underlying|individual|raw|actual|matching|full) )*(?:rows|records|raw data|line items|entries|details)|(?:drill|drilling) (?:down|in|through)|row by row',
    ),
  },
  {
    edit: 'things',
    form: wish(
      'which (?:ones|are (?:they|those|these)|ones are (?:they|those|these|that))|who (?:are|were|is|was) (?:they|those|these|it|that)|(?:list|name|show) (?:them|those)',
    ),
  },
  {
    edit: 'share',
    form: wish(
      '(?:as|in) (?:an? |the |its |their )?(?:shares?|percentages?|percents?|per cent|proportions?|%)(?: of (?:the |its )?(?:total|whole|all|sum|overall))?|(?:the |its |their )?(?:shares?|percentages?)(?: of (?:the )?(?:total|whole))?|what (?:percentage|share)(?: is (?:that|it|this))?(?: each)?',
    ),
  },
  {
    edit: 'undo',
    form: wish(
      'undo(?: (?:that|this|it|the last (?:one|step|change|question)))?|(?:go |step |take me )?back(?: (?:one|a step|one step|to the (?:one|question|result|previous one) before))?|take (?:that|it|this) back|revert(?: (?:that|it|this))?|(?:the )?previous(?: (?:one|question|result|answer))?',
    ),
  },
  {
    edit: 'reason',
    form: /^(?:and |but |so |ok )*(?:why(?: (?:not|that|so|is|was|are|did|does|do|has|have|it|this|they|the|there|happen|happened|many|few|much|little|low|high|drop|fall|rise|grow|change|case))*|how come|for what reason|what is the reason|what caused (?:this|that|it))$/,
  },
];

export const FOLLOW_UPS: FollowUpWords = {
  pronouns: phrases(
    'it|they|them|those|these|this|that|ones|one|the one|the ones|that one|which|he|she|him|her|theirs',
  ),
  manyOnes: phrases('ones|those|them|the ones'),
  possessives: phrases('its|their|his|her|whose'),
  demonstratives: phrases('those|these|this|that|such'),
  choosing: phrases('which one|which ones|which of|which|what ones|who'),
  eachOne: phrases('each|each one|each of them|in each one|for each one|to each one|for each|in each|of each|to each'),
  openings: phrases(
    'what about|how about|same for|also|also show|only|just|instead|please just|only the|just the|and what about|and how about',
  ),
  swaps: phrases('what about|how about|same for|instead|and what about|and how about'),
  additions: phrases('also|too|as well|additionally|in addition|add|include|also show|also return|and also|along with'),
  auxiliaries: phrases('do|does|did|has|have|had|is|are|was|were|can|could|will|would'),
  amounts: phrases(
    'number|numbers|count|counts|amount|amounts|total|totals|value|values|figure|figures|average|averages',
  ),
  wholes: phrases('all|every|any|each|all the|all of the'),
  rests: phrases(
    'other|others|another|the other|the others|rest|the rest|remaining|the remaining|else|either|either of',
  ),
  edits: EDITS,
  dialogue: {
    yes: /^\W*(?:yes|yeah|yep|yup|sure|correct|right|exactly|ok|okay|of course|please do|i do|that s right|yes please)\b/i,
    meant:
      /^\W*(?:(?:well|sorry|oh|no) )*(?:i (?:mean|meant|want|wanted|am asking for|am looking for)|i'm asking for|what i mean is)\b\s*/i,
    no: /^\W*(?:no|nope|not really)\b/i,
  },
};
