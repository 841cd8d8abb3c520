/** Which server answers, as far as it matters for what it is asked. */
export interface ServerVersion {
  /** For people. */
  name: string;
  isMariaDb: boolean;
  isTooOld: boolean;
  /** The session's variable that limits how long a statement takes, and its value for so many milliseconds. */
  limit(milliseconds: number): [variable: string, value: string];
}

const OLDEST = { mysql: [5, 7, 8], mariaDb: [10, 2, 0] };

/** @param text what VERSION() says, for example `8.4.2` or `10.11.19-MariaDB-0+deb12u1` */
export function readVersion(text: string): ServerVersion {
  const isMariaDb = /mariadb/i.test(text);
  const [number = ''] = /\d+(\.\d+)*/.exec(text) ?? [];
  const parts = number.split('.').map(Number);
  const oldest = isMariaDb ? OLDEST.mariaDb : OLDEST.mysql;
  const differs = oldest.findIndex((part, index) => (parts[index] ?? 0) !== part);
  return {
    name: `${isMariaDb ? 'MariaDB' : 'MySQL'} ${number}`,
    isMariaDb,
    isTooOld: differs !== -1 && (parts[differs] ?? 0) < (oldest[differs] ?? 0),
    limit: (milliseconds) =>
      isMariaDb ? ['max_statement_time', String(milliseconds / 1_000)] : ['max_execution_time', String(milliseconds)],
  };
}
