import type { ColumnType, Sensitivity } from './catalog.js';
import { nameWords } from './name-words.js';

export interface SensitivityEvidence {
  name: string;
  type: ColumnType;
  /** Frequent values, as text. */
  samples: readonly string[];
}

const SECRET = new Set(['password', 'passwd', 'pwd', 'passphrase', 'secret', 'token', 'apikey']);
/** A word that makes a column personal by itself. */
const PERSONAL = new Set(
  (
    'email mail phone telephone mobile fax firstname lastname surname forename fullname birthdate birthday dob ssn ' +
    'passport iban address street username'
  ).split(' '),
);
/** Words that make one personal together. */
const PERSONAL_PHRASES = (
  'first name, last name, full name, middle name, family name, given name, maiden name, user name, contact name, ' +
  'customer name, employee name, person name, patient name, birth date, date of birth, credit card, card number, ' +
  'ip address, social security, national id, tax id, cell number'
)
  .split(', ')
  .map((phrase) => phrase.split(' '));

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/;
const PHONE = /^\+?[\d\s().-]{7,20}$/;
const PHONE_MARK = /^\+|[()]|\d[\s.-]\d{2,}[\s.-]\d/;
/** Share of the samples that must look alike before values speak for a column. */
const MOST = 0.8;

/**
 * Whether values of a column would give away something about a person, from its name and from what its frequent values
 * look like. A guess for people to correct: `personal` for e-mail, telephone, names, addresses and dates of birth,
 * `secret` for passwords and tokens, otherwise `none`.
 */
export function guessSensitivity({ name, type, samples }: SensitivityEvidence): Sensitivity {
  const words = nameWords(name);
  if (type === 'text' && words.some((word) => SECRET.has(word))) return 'secret';
  if (['text', 'date', 'timestamp', 'timestamptz', 'integer'].includes(type)) {
    const personal =
      words.some((word) => PERSONAL.has(word)) || PERSONAL_PHRASES.some((phrase) => contains(words, phrase));
    if (personal && !(type === 'integer' && words.at(-1) === 'id')) return 'personal';
  }
  if (type !== 'text' || samples.length === 0) return 'none';
  const most = (test: (value: string) => boolean): boolean => samples.filter(test).length >= samples.length * MOST;
  return most((value) => EMAIL.test(value)) || most((value) => isPhone(value)) ? 'personal' : 'none';
}

function isPhone(value: string): boolean {
  return PHONE.test(value) && PHONE_MARK.test(value) && !/^\d{4}-\d{2}-\d{2}/.test(value);
}

function contains(words: readonly string[], part: readonly string[]): boolean {
  return words.some((_, start) => part.every((word, index) => words[start + index] === word));
}
