import { plainWords } from './plain-words.js';

/** What is said that is no question of the data. `nothing` has no word in it at all. */
export type SmallTalk = 'greeting' | 'thanks' | 'farewell' | 'help' | 'never_mind' | 'nothing';

const POLITE = '(?: (?:there|all|everyone|everybody|again|you|please|lumiere|team))*';
const MUCH =
  '(?: (?:a lot|so much|very much|for that|for this|for your help|again|you|lumiere|that helps?|well done))*';

/** The whole of what is said, in plain words. A question that begins with a greeting is a question. */
const FORMS: [SmallTalk, RegExp][] = [
  [
    'greeting',
    new RegExp(
      `^(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|hallo|moin|servus|guten (?:tag|morgen|abend)|` +
        `bonjour|salut|hola|buenos dias|ciao|how are you(?: doing)?(?: today)?)${POLITE}$`,
    ),
  ],
  [
    'thanks',
    new RegExp(
      `^(?:(?:ok|okay|great|perfect|nice|cool|super|wonderful) )?(?:thanks|thank you|thx|ty|cheers|many thanks|merci|danke|gracias|` +
        `ok|okay|great|perfect|nice|cool|super|wonderful|got it|good|well done|understood)${MUCH}$`,
    ),
  ],
  [
    'farewell',
    new RegExp(`^(?:bye|bye bye|goodbye|good night|see you|see you later|tschuss|au revoir|adios)${POLITE}$`),
  ],
  [
    'help',
    new RegExp(
      `^(?:(?:hi|hello|hey) )?(?:please )?(?:help|help me|can you help(?: me)?|i need help|examples?|(?:give|show)(?: me)?(?: some)? examples?|` +
        `(?:what|which)(?: kind of| sort of)?(?: questions| things)? can (?:i|you|we) (?:ask|do|answer)(?: you| here| for me| with this| about (?:this|it|the data))?|` +
        `what (?:could|should) i ask|how (?:does|do) (?:this|you|it) work|how (?:do|can) i (?:start|begin|use (?:this|you|it))|` +
        `what (?:do you know|data (?:do you have|is there|have you got|can i ask about)|is in (?:here|the data|this data))|` +
        `(?:who|what) are you|what is this)${POLITE}$`,
    ),
  ],
  [
    'never_mind',
    /^(?:never ?mind|cancel(?: that| it)?|forget it|none(?: of (?:these|those|them|the above))?|neither(?: of them)?|no thanks?|stop|skip(?: it| that)?)$/,
  ],
];

/** What small talk the text is; null when it is anything else. */
export function smallTalkOf(text: string): SmallTalk | null {
  const words = plainWords(text);
  if (words.length === 0) return 'nothing';
  if (words.length > 12) return null;
  const said = words.join(' ');
  return FORMS.find(([, form]) => form.test(said))?.[0] ?? null;
}
