/** How names are spelled in ClickHouse's SQL. */

/** A name in back quotes. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
