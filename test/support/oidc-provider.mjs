/**
 * An OpenID Connect provider in a process of its own, on a free loopback port. It tells its parent `{ issuer }`. The browser
 * says who signs in by the header `x-sign-in-as`; `nobody` cancels. The parent says what the provider shall be like by
 * sending a part of `Behaviour`, and gets `{ done: true }`.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { Provider } from 'oidc-provider';

/** @typedef {Parameters<Parameters<Provider['use']>[0]>[0]} Context */

/**
 * @typedef {object} Behaviour
 * @property {Record<string, Record<string, unknown>>} accounts Claims by subject.
 * @property {string | null} lie What is wrong with the answers.
 */

/** @type {Behaviour} */
const behaviour = { accounts: {}, lie: null };

const ALGORITHM = 'RS256';
const KEY_ID = 'signing';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const HOUR = 3600;

/** @param {string} token @param {Record<string, unknown>} change */
const signed = (token, change, key = privateKey) =>
  new SignJWT({ ...decodeJwt(token), ...change }).setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID }).sign(key);

/** Each makes another ID token of a true one. @type {Record<string, (token: string) => string | Promise<string>>} */
const LIES = {
  'another nonce': (token) => signed(token, { nonce: 'x'.repeat(43) }),
  'no nonce': (token) => signed(token, { nonce: undefined }),
  'another audience': (token) => signed(token, { aud: 'somebody-else' }),
  'another issuer': (token) => signed(token, { iss: 'https://id.example.com' }),
  'a time that is over': (token) => signed(token, { iat: now() - 2 * HOUR, exp: now() - HOUR }),
  'no subject': (token) => signed(token, { sub: undefined }),
  'the signature of a stranger': (token) => signed(token, {}, stranger.privateKey),
  'no signature': (token) => new UnsecuredJWT(decodeJwt(token)).encode(),
  'another person’s name in it': (token) => {
    const [header, , signature] = token.split('.');
    return [
      header,
      Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: 'root' })).toString('base64url'),
      signature,
    ].join('.');
  },
};

const now = () => Math.floor(Date.now() / 1000);

const server = createServer((request, response) => {
  if (behaviour.lie === 'down') request.socket.destroy();
  else handle(request, response);
});
/** @type {(...exchange: Parameters<import('node:http').RequestListener>) => unknown} */
let handle = () => undefined;

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const issuer = `http://127.0.0.1:${address.port}`;
  handle = providerAt(issuer).callback();
  process.send?.({ issuer });
});

process.on('message', (/** @type {Partial<Behaviour>} */ change) => {
  Object.assign(behaviour, change);
  process.send?.({ done: true });
});
process.once('disconnect', () => process.exit(0));

/**
 * @param {string} issuer
 * @returns {Provider}
 */
function providerAt(issuer) {
  const redirectUris = JSON.parse(process.argv[2] ?? '[]');
  /** @type {Omit<import('oidc-provider').ClientMetadata, 'client_id'>} */
  const client = { redirect_uris: redirectUris, response_types: ['code'], grant_types: ['authorization_code'] };
  /** @type {Provider} */
  const provider = new Provider(issuer, {
    clients: [
      { ...client, client_id: 'lumiere', client_secret: 'a secret of the client' },
      { ...client, client_id: 'lumiere-public', token_endpoint_auth_method: 'none' },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: ALGORITHM, kid: KEY_ID }] },
    cookies: { keys: ['cookies of the test'] },
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'email'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: async () => ({ sub, ...behaviour.accounts[sub] }) }),
    ttl: { AccessToken: HOUR, AuthorizationCode: 60, Grant: HOUR, IdToken: HOUR, Interaction: HOUR, Session: HOUR },
    // A person may come back with an earlier code after a later sign-in in the same browser.
    expiresWithSession: () => false,
    // Nobody is asked for consent.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new provider.Grant({ clientId: oidc.client?.clientId, accountId: oidc.session?.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    if (context.path.startsWith('/interaction/')) return signIn(provider, context);
    await next();
    await lie(context);
  });
  return provider;
}

/**
 * @param {Provider} provider
 * @param {Context} context
 */
async function signIn(provider, { req, res, headers }) {
  const accountId = String(headers['x-sign-in-as']);
  await provider.interactionFinished(
    req,
    res,
    accountId === 'nobody' ? { error: 'access_denied' } : { login: { accountId, remember: false } },
  );
}

/** @param {Context} context */
async function lie(context) {
  const change = LIES[behaviour.lie ?? ''];
  /** @type {any} */
  const body = context.body;
  if (change !== undefined && context.path === '/token' && body?.id_token !== undefined) {
    context.body = { ...body, id_token: await change(body.id_token) };
  }
  const location = context.response.get('location');
  if (behaviour.lie === 'another issuer in the address' && location.includes('code=')) {
    const address = new URL(location);
    address.searchParams.set('iss', 'https://id.example.com');
    context.set('location', address.href);
  }
  if (behaviour.lie === 'another subject behind it' && context.path === '/me') {
    context.body = { ...body, sub: 'root' };
  }
}
