import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { User } from '../modules/users/index.js';
import { refused } from './outcome.js';

/**
 * The account that is meant by its user name or email, whatever the case, or by its id; `id:12` means the id alone.
 *
 * @throws CommandFailure when there is none, or more than one can be meant
 */
export async function findUser(app: INestApplicationContext, meant: string): Promise<User> {
  const id = /^id:(\d+)$/.exec(meant)?.[1];
  const found = await app
    .get(DataSource)
    .getRepository(User)
    .createQueryBuilder('user')
    .leftJoinAndSelect('user.userRoles', 'userRole')
    .leftJoinAndSelect('userRole.role', 'role')
    .where(
      id === undefined
        ? 'lower(:meant) IN (lower(user.username), lower(user.email), CAST(user.id AS text))'
        : 'CAST(user.id AS text) = :id',
      { meant, id },
    )
    .orderBy('user.id')
    .getMany();
  const [user, ...others] = found;
  if (user === undefined) throw refused(`There is no account ${meant}. See: npm run cli -- users list`);
  if (others.length > 0) {
    const candidates = found.map((one) => `id:${one.id} (${one.username}, ${one.email})`).join(' or ');
    throw refused(`More than one account can be meant by ${meant}: ${candidates}. Say which by its id.`);
  }
  return user;
}
