/** Tokens are those of the SDK of AWS, to the byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Signer } from '@aws-sdk/rds-signer';
import { rdsToken } from '../../../src/aws/rds-token.ts';

/** Numbers that are the same in each run (mulberry32). */
function randomBy(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomBy(13);
const below = (limit: number) => Math.floor(random() * limit);
const textOf = (letters: string, least: number, most: number) =>
  Array.from(
    { length: least + below(most - least + 1) },
    () => [...letters][below([...letters].length)],
  ).join('');

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const BASE64 = `${LETTERS}${LETTERS.toUpperCase()}0123456789+/=`;
/** What an encoding may take for something else. */
const ANY = `${BASE64}!'()*-_.~ %&?#@:;,äß€🔑`;
const REGIONS = ['eu-central-1', 'us-gov-west-1', 'cn-northwest-1', 'ap-southeast-3'];

interface Input {
  readonly request: Parameters<typeof rdsToken>[0];
  readonly credentials: Parameters<typeof rdsToken>[1];
  readonly now: Date;
}

const input = (n: number): Input => {
  const region = REGIONS[below(REGIONS.length)] ?? '';
  return {
    request: {
      host: `${textOf(LETTERS, 1, 20)}.${textOf(`${LETTERS}0123456789`, 12, 12)}.${region}.rds.amazonaws.com`,
      port: 1 + below(65_535),
      user: textOf(ANY, 1, 32),
      region,
    },
    credentials: {
      accessKeyId: `ASIA${textOf(BASE64, 16, 16)}`,
      secretAccessKey: textOf(BASE64, 40, 40),
      sessionToken: n % 2 === 0 ? textOf(BASE64, 300, 1200) : undefined,
    },
    now: new Date(
      Date.UTC(2000 + below(60), below(12), 1 + below(28), below(24), below(60), below(60), below(1000)),
    ),
  };
};

for (let n = 0; n < 20; n++) {
  const { credentials, now, request } = input(n);
  test(`token ${n + 1} for ${JSON.stringify(request.user)}, ${credentials.sessionToken ? 'temporary' : 'lasting'} credentials, ${now.toISOString()}`, async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now });
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const theirs = await new Signer({
      hostname: request.host,
      port: request.port,
      username: request.user,
      region: request.region,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    }).getAuthToken();
    assert.equal(rdsToken(request, credentials, now), theirs);
  });
}
