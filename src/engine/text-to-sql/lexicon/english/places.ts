/** Adjectives of place and other names of countries, and the words people use for coded values. */
import type { ValueCode } from '../lexicon.js';

const DEMONYMS = `
american usa|us|united states|united states of america|america
british uk|united kingdom|great britain|england|britain
english england|english|uk|united kingdom
scottish scotland
welsh wales
irish ireland
french france
german germany
italian italy
spanish spain
portuguese portugal
dutch netherlands|holland|the netherlands
belgian belgium
swiss switzerland
austrian austria
swedish sweden
norwegian norway
danish denmark
finnish finland
icelandic iceland
polish poland
czech czech republic|czechia
slovak slovakia
hungarian hungary
romanian romania
bulgarian bulgaria
greek greece
turkish turkey
russian russia|russian federation
ukrainian ukraine
chinese china
japanese japan
korean korea|south korea
indian india
pakistani pakistan
bangladeshi bangladesh
thai thailand
vietnamese vietnam|viet nam
indonesian indonesia
malaysian malaysia
filipino philippines
singaporean singapore
australian australia
canadian canada
mexican mexico
brazilian brazil
argentinian argentina
argentine argentina
chilean chile
colombian colombia
peruvian peru
venezuelan venezuela
cuban cuba
egyptian egypt
moroccan morocco
nigerian nigeria
kenyan kenya
ethiopian ethiopia
israeli israel
iranian iran
iraqi iraq
saudi saudi arabia
european europe
asian asia
african africa
croatian croatia
serbian serbia
slovenian slovenia
america usa|us|united states
usa us|united states|united states of america|u.s.a.|america
us usa|united states|united states of america
u.s usa|us|united states
uk united kingdom|great britain|britain
united states usa|us|u.s.
united states of america usa|us|united states
united kingdom uk|great britain
britain uk|united kingdom|great britain
england uk|united kingdom
holland netherlands
`;

/** States of the USA by their postal codes. */
const STATES = `
alabama al
alaska ak
arizona az
arkansas ar
california ca
colorado co
connecticut ct
delaware de
florida fl
georgia ga
hawaii hi
idaho id
illinois il
indiana in
iowa ia
kansas ks
kentucky ky
louisiana la
maine me
maryland md
massachusetts ma
michigan mi
minnesota mn
mississippi ms
missouri mo
montana mt
nebraska ne
nevada nv
new hampshire nh
new jersey nj
new mexico nm
new york ny
north carolina nc
north dakota nd
ohio oh
oklahoma ok
oregon or
pennsylvania pa
rhode island ri
south carolina sc
south dakota sd
tennessee tn
texas tx
utah ut
vermont vt
virginia va
washington wa
west virginia wv
wisconsin wi
wyoming wy
`;

/** Other forms under which a value may stand in the data, by the form in the question (folded). */
export const VALUE_FORMS: ReadonlyMap<string, readonly string[]> = new Map(
  DEMONYMS.trim()
    .split('\n')
    .map((line): [string, string[]] => {
      const multi = /^(united states of america|united states|united kingdom) (.*)$/.exec(line);
      const [form, values] = multi
        ? [multi[1] ?? '', multi[2] ?? '']
        : [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
      return [form, values.split('|')];
    })
    .concat(
      STATES.trim()
        .split('\n')
        .map((line): [string, string[]] => [line.slice(0, -3), [line.slice(-2)]]),
    ),
);

export const CODES: readonly ValueCode[] = [
  { words: ['female', 'woman', 'girl'], columns: ['sex', 'gender'], values: ['f', 'female', 'w', 'woman'] },
  { words: ['male', 'man', 'boy'], columns: ['sex', 'gender'], values: ['m', 'male', 'man'] },
];
