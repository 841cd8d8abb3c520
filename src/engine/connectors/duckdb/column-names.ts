/** Names of columns as people and SQL can use them. */

const MAX_LENGTH = 128;

/**
 * Makes names usable and different from each other: blanks around them and control characters are removed, an empty
 * name becomes `column_<position>` (from 1), a repeated one (compared without case, as SQL does) gets `_1`, `_2` …
 */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, index) => {
    const wanted = tidy(name) || `column_${index + 1}`;
    let distinct = wanted;
    for (let copy = 1; taken.has(distinct.toLowerCase()); copy += 1) distinct = `${wanted}_${copy}`;
    taken.add(distinct.toLowerCase());
    return distinct;
  });
}

function tidy(name: string): string {
  return name
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_LENGTH)
    .trim();
}
