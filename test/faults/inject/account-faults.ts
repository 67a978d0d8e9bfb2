/**
 * What becomes of accounts while they are in use: limits used up, their password rotated.
 *
 * lockout.ts has those that are locked.
 */
import { writeFile } from 'node:fs/promises';
import { WHOLE } from '../judge.ts';
import { failing, MAX_QUERIES_PER_HOUR, PASSWORD, type Ward } from '../ward.ts';

/** 1226 at the login: one connection for the account, and two targets that want two each. */
export async function exhaustUser({ expect, killAll, world }: Ward): Promise<void> {
  world.ledger.injected('connections of the account used up (1226)');
  await expect('limited a', WHOLE);
  await expect('limited b', failing('refused'));
  await expect('limited a', WHOLE);
  await killAll('limited');
  await expect('limited b', WHOLE);
  await expect('limited a', failing('refused'));
  await killAll('limited');
  await expect('limited a', WHOLE);
}

/** 1226 at a statement: the login is as good as ever, MAX_QUERIES_PER_HOUR is reached. */
export async function exhaustHour({ expect, server, world }: Ward): Promise<void> {
  world.ledger.injected('queries of the hour used up (1226)');
  await expect('hourly', WHOLE);
  // Each scrape is at least two statements; when the limit is met depends on how many connections are opened.
  for (let i = 0; i < MAX_QUERIES_PER_HOUR / 2; i++)
    await expect('hourly', { reasons: ['sql'], mustFail: false });
  await expect('hourly', failing('sql'));
  await server.root('FLUSH USER_RESOURCES'); // the next hour
  await expect('hourly', WHOLE);
}

/** The new password is in the file before the old one has been refused, or after. */
export async function rotate({ expect, killAll, server, world }: Ward, file: string): Promise<void> {
  await expect('rotated', WHOLE);
  for (const [password, isEarly] of [
    ['second', true],
    ['third', false],
  ] as const) {
    world.ledger.injected('password rotated');
    await server.root("ALTER USER rotated@'%' IDENTIFIED BY ?", [password]);
    if (isEarly) await writeFile(file, password);
    await expect('rotated', WHOLE); // an open connection lives on
    await killAll('rotated');
    if (!isEarly) {
      await expect('rotated', failing('auth', 'backoff'));
      await writeFile(file, password);
    }
    await expect('rotated', WHOLE);
  }
  await server.root("ALTER USER rotated@'%' IDENTIFIED BY ?", [PASSWORD]);
}
