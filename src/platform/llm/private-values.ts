/** What looks like it is about one person, wherever it stands: addresses, and numbers of phones, accounts, cards and passports. */
const PATTERNS: readonly RegExp[] = [
  /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu,
  /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g,
  /\b\d{3}-\d{2}-\d{4}\b/g,
  /\+\d[\d ().-]{6,}\d/g,
  /\b(?:\d{4}[ -]){3}\d{1,7}\b/g,
  /\b\d{9,}\b/g,
];
/** Shorter ones are found in too much else. */
const SHORTEST_VALUE = 3;
const TOKEN = /\[\[value_(\d+)\]\]/g;

/**
 * Puts tokens in the place of values that are not to reach a model, and the values back in what it answers. The same value
 * always gets the same token.
 */
export class PrivateValues {
  private readonly values: string[] = [];
  private readonly known: readonly string[];

  /** @param known values that are private beside those that look like it */
  constructor(known: Iterable<string> = []) {
    // The longest first, so that none is hidden in part.
    this.known = [...new Set(known)]
      .filter((value) => value.trim().length >= SHORTEST_VALUE)
      .toSorted((a, b) => b.length - a.length);
  }

  hide(text: string): string {
    let hidden = text;
    for (const value of this.known) {
      if (hidden.toLowerCase().includes(value.toLowerCase())) {
        hidden = hidden.replace(new RegExp(whole(value), 'giu'), (found) => this.token(found));
      }
    }
    for (const pattern of PATTERNS) hidden = hidden.replace(pattern, (found) => this.token(found));
    return hidden;
  }

  /** The token of a whole value, whatever it looks like. */
  token(value: string): string {
    const at = this.values.indexOf(value);
    const index = at >= 0 ? at : this.values.push(value) - 1;
    return `[[value_${index + 1}]]`;
  }

  restore(text: string): string {
    return text.replace(TOKEN, (token, nth: string) => this.values[Number(nth) - 1] ?? token);
  }

  /**
   * The same in SQL, where tokens stand inside of literals. What comes out is checked like any other SQL.
   *
   * @param escapesBackslashes whether literals of the dialect have escapes
   */
  restoreInSql(sql: string, escapesBackslashes: boolean): string {
    return sql.replace(TOKEN, (token, nth: string) => {
      const quoted = (this.values[Number(nth) - 1] ?? token).replaceAll("'", "''");
      return escapesBackslashes ? quoted.replaceAll('\\', '\\\\') : quoted;
    });
  }
}

function whole(value: string): string {
  return `(?<![\\p{L}\\p{N}])${value.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`)}(?![\\p{L}\\p{N}])`;
}
