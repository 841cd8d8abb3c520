import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { User } from '../modules/users/index.js';
import { refused } from './outcome.js';

/**
 * The account that is meant by its user name or email, whatever the case, or by its id.
 *
 * @throws CommandFailure when there is none
 */
export async function findUser(app: INestApplicationContext, meant: string): Promise<User> {
  const found = await app
    .get(DataSource)
    .getRepository(User)
    .createQueryBuilder('user')
    .leftJoinAndSelect('user.userRoles', 'userRole')
    .leftJoinAndSelect('userRole.role', 'role')
    .where('lower(:meant) IN (lower(user.username), lower(user.email), CAST(user.id AS text))', { meant })
    .getMany();
  // Somebody may have chosen another's id as their name; the name is what people see.
  const user = found.find(({ id }) => String(id) !== meant) ?? found[0];
  if (user === undefined) throw refused(`There is no account ${meant}. See: npm run cli -- users list`);
  return user;
}
