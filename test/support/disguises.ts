/** Other ways to write the address of a route, which a guard that compares paths would not recognise. */

const encoded = (text: string): string =>
  [...text].map((character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

const lettersEncoded = (text: string): string => text.replace(/[a-z]/gi, encoded);

/** Replaces the last occurrence only. */
function replaceLast(text: string, part: string, by: string): string {
  const at = text.lastIndexOf(part);
  return text.slice(0, at) + by + text.slice(at + part.length);
}

/**
 * Ways to write an absolute path on the request line, by what is done to it.
 *
 * @param origin where the server is, for targets that are whole addresses
 */
export function disguised(path: string, origin: string): Record<string, string> {
  const segments = path.split('/');
  const last = segments.at(-1) ?? '';
  return {
    'first letter encoded': path.replace('a', '%61'),
    'all letters encoded': lettersEncoded(path),
    'all letters encoded, in capitals': lettersEncoded(path).toUpperCase(),
    'last segment encoded': replaceLast(path, last, encoded(last)),
    'encoded twice': path.replace('a', '%2561'),
    'letters of full width': path.replace('a', '%ef%bd%81'),
    'two slashes in front': `/${path}`,
    'two slashes inside': path.replace('/api/', '/api//'),
    'two slashes everywhere': path.replaceAll('/', '//'),
    'slash at the end': `${path}/`,
    'two slashes at the end': `${path}//`,
    'dot at the end': `${path}.`,
    'slash, dot at the end': `${path}/.`,
    'encoded dot at the end': `${path}%2e`,
    'file ending': `${path}.json`,
    'dot inside': replaceLast(path, '/', '/./'),
    'encoded dot inside': replaceLast(path, '/', '/%2e/'),
    'up and down': replaceLast(path, '/', '/x/../'),
    'up and down, encoded': replaceLast(path, '/', '/x/%2e%2e/'),
    'up and down, slashes encoded': replaceLast(path, '/', '/x%2f..%2f'),
    'from a public route': `/health/..${path}`,
    'from a public route, encoded': `/health/%2e%2e${path}`,
    'from a public route, slashes encoded': `/health%2f..%2f${path.slice(1)}`,
    'from the documents': `/api/docs/../..${path}`,
    'beyond the root': `/../..${path}`,
    'encoded slashes': `/${path.slice(1).replaceAll('/', '%2f')}`,
    'encoded last slash': replaceLast(path, '/', '%2F'),
    backslashes: path.replaceAll('/', '\\'),
    'encoded backslashes': `/${path.slice(1).replaceAll('/', '%5c')}`,
    'capital letters': path.toUpperCase(),
    'one capital letter': path.replace('api', 'Api'),
    'last segment in capitals': replaceLast(path, last, last.toUpperCase()),
    'path parameter': `${path};jsessionid=1`,
    'path parameter inside': replaceLast(path, '/', ';x=1/'),
    'encoded semicolon': `${path}%3bx`,
    'empty query': `${path}?`,
    'query with a public route': `${path}?/health`,
    'query with a method': `${path}?_method=GET&method=GET`,
    'encoded question mark': `${path}%3f`,
    fragment: `${path}#/health`,
    'encoded fragment': `${path}%23`,
    'space at the end': `${path}%20`,
    'tab at the end': `${path}%09`,
    'line break at the end': `${path}%0d%0a`,
    'zero at the end': `${path}%00`,
    'zero inside': replaceLast(path, '/', '/%00'),
    'bare zero at the end': `${path}\0`,
    'overlong slash': replaceLast(path, '/', '%c0%af'),
    'overlong slash of three bytes': replaceLast(path, '/', '%e0%80%af'),
    'overlong letter': path.replace('a', '%c1%a1'),
    'broken encoding': `${path}%zz`,
    'half an encoding': `${path}%2`,
    'encoding of another kind': path.replace('a', '%u0061'),
    'whole address': `${origin}${path}`,
    'address of another host': `http://elsewhere.example${path}`,
    'address without a scheme': `//elsewhere.example${path}`,
    'without its first slash': path.slice(1),
  };
}

/** Headers by which some servers let a caller say another path or method than that of the request line. */
export function overrides(path: string, method: string): Record<string, string>[] {
  return [
    { 'x-original-url': path },
    { 'x-rewrite-url': path },
    { 'x-original-uri': path },
    { 'x-forwarded-uri': path },
    { 'x-forwarded-path': path },
    { 'x-forwarded-prefix': path },
    { 'x-http-method-override': method },
    { 'x-http-method': method },
    { 'x-method-override': method },
  ];
}

/** Other ways to write an id, for who may not have the row. */
export function disguisedIds(id: string): Record<string, string> {
  return {
    'id with a plus': `+${id}`,
    'encoded id': encoded(id),
    'id with a zero in front': `0${id}`,
    'id with a dot': `${id}.`,
    'id with a line break': `${id}%0a`,
    'id with a fraction': `${id}.0`,
    'id with an exponent': `${id}e0`,
    'hexadecimal id': `0x${Number(id).toString(16)}`,
    'id with spaces': `%20${id}%20`,
    'id in full width': [...id]
      .map((digit) => encodeURIComponent(String.fromCharCode(0xff10 + Number(digit))))
      .join(''),
    'id and another': `${id},${id}`,
    'id with a zero byte': `${id}%00`,
    'id that runs over': String(Number(id) + 2 ** 32),
    'id and SQL': `${id}%20OR%201%3D1`,
    'id with brackets': `${id}%5B%5D`,
  };
}
