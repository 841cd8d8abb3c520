/** German inflection: light stemming, umlauts that may be written as two letters, and the parts of compounds. */

/** Umlauts, their spelling with an e, and plain vowels are one; ß is ss. */
export function key(word: string): string {
  return word
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/([aou])e/gu, '$1');
}

const ENDINGS = ['en', 'n', 'e', 'er', 'es', 'em', 'ern', 's', 'r', 'nen', 'innen', 'in'];
const SHORTEST = 3;

/** The word itself, then without an ending; adjectives and nouns alike. */
export function forms(word: string): string[] {
  const stems = ENDINGS.filter((ending) => word.endsWith(ending) && word.length - ending.length >= SHORTEST).map(
    (ending) => word.slice(0, -ending.length),
  );
  // "höchsten" is a form of "höchste", "besten" of "beste".
  const withE = stems.filter((stem) => word.startsWith(`${stem}e`)).map((stem) => `${stem}e`);
  return [...new Set([word, ...withE, ...stems])];
}

const PLURAL = /^(?:en|n|e|er|ern|nen|innen|s)$/;

export function isPlural(word: string, form: string): boolean {
  return word !== form && PLURAL.test(word.startsWith(form) ? word.slice(form.length) : '');
}

/** What stands in front of a compound without being a noun of its own. */
export const COMPOUND_PARTS: ReadonlyMap<string, string> = new Map(
  (
    'gesamt total|durchschnitt average|durchschnitts average|mindest minimum|hochst maximum|maximal maximum|minimal minimum|mittel average|median median|' +
    'bestell order|liefer delivery|versand shipping|verkauf sale|verkaufs sale|einkauf purchase|einkaufs purchase|kauf purchase|zahl payment|zahlungs payment|' +
    'geburt birth|geburts birth|jahres yearly|monat monthly|monats monthly|tages daily|wochen weekly|quartals quarterly|einzel unit|stuck unit|listen list|' +
    'haupt main|heimat home|vor first|nach last|ruck return|start start|end end|anfang start|beginn start|eintritts entry|anmelde sign up|registrierungs registration'
  )
    .split('|')
    .map((entry): [string, string] => [key(entry.split(' ')[0] ?? ''), entry.slice(entry.indexOf(' ') + 1)]),
);
