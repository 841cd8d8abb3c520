/** The least that can answer `GET /auth/me`: Fastify, a token check and one SELECT through `pg`. A server of its own process. */
import { JwtService } from '@nestjs/jwt';
import Fastify from 'fastify';
import pg from 'pg';

/** What Lumiere reads for the same answer: the account with its roles and their permissions. */
const ACCOUNT_SQL = `
  SELECT u.id, u.username, u.email, u.full_name, u.avatar_url, u.locale, u.is_active, u.created_at, u.updated_at,
         u.last_login_at,
         ARRAY(SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id
               WHERE ur.user_id = u.id ORDER BY r.name)::text[] AS roles,
         ARRAY(SELECT DISTINCT unnest(r.permissions) FROM user_roles ur JOIN roles r ON r.id = ur.role_id
               WHERE ur.user_id = u.id) AS permissions
  FROM users u
  WHERE u.id = $1 AND u.token_version = $2 AND u.is_active`;

const tokens = new JwtService({ secret: process.env.BARE_SECRET, verifyOptions: { algorithms: ['HS256'] } });
const pool = new pg.Pool({ ...JSON.parse(process.env.BARE_DATABASE), max: 4 });
const app = Fastify();

app.get('/me', async (request) => {
  const { sub, ver } = await tokens.verifyAsync(request.headers.authorization.slice('Bearer '.length));
  const { rows } = await pool.query(ACCOUNT_SQL, [Number(sub), ver]);
  const { permissions: _, ...account } = rows[0];
  return account;
});

await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`http://127.0.0.1:${app.server.address().port}\n`);
process.once('SIGTERM', () => void app.close().then(() => pool.end()));
