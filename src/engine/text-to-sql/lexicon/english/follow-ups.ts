/** How English questions lean on the one before. */
import type { FollowUpWords } from '../lexicon.js';

const phrases = (text: string): ReadonlySet<string> => new Set(text.split('|'));

export const FOLLOW_UPS: FollowUpWords = {
  pronouns: phrases(
    'it|they|them|those|these|this|that|ones|one|the one|the ones|that one|which|he|she|him|her|theirs',
  ),
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
  dialogue: {
    yes: /^\W*(?:yes|yeah|yep|yup|sure|correct|right|exactly|ok|okay|of course|please do|i do|that s right|yes please)\b/i,
    no: /^\W*(?:no|nope|not really)\b/i,
  },
};
