/** Identifiers as DuckDB compares them: only the letters A to Z lose their case, whatever the locale. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
