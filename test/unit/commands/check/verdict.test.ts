import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Verdict } from '../../../../src/commands/check/verdict.ts';
import { Samples } from '../../../../src/exposition/samples.ts';
import { Grants } from '../../../../src/grants/held.ts';
import type { Grant } from '../../../../src/model/query-set.ts';
import type { QueryOutcome } from '../../../../src/probe/query/outcome.ts';

const RAN: QueryOutcome = {
  ok: true,
  rows: 2,
  bytes: 100,
  seconds: 0.0123,
  samples: new Samples(),
  readAt: 0,
};
const SKIPPED: QueryOutcome = { ...RAN, skipped: { reason: 'table', detail: 'there is no\ntable t' } };
const failed = (detail: string, errno?: number): QueryOutcome => ({
  ok: false,
  reason: 'sql',
  detail,
  ...(errno === undefined ? {} : { errno }),
  rows: 0,
  seconds: 1,
});
const DENIED = "SELECT command denied to user 'e'@'%' for table `mysql`.`user` (1142)";

const PROCESS: Grant = { privilege: 'PROCESS', schema: '*', table: '*' };
const SELECT: Grant = { privilege: 'SELECT', schema: 'mysql', table: 'user' };
const BARE = ['GRANT USAGE ON *.* TO `e`@`%`'];
const RICH = ['GRANT PROCESS, SELECT ON *.* TO `e`@`%`'];
const LACKS_PROCESS = 'the account lacks PROCESS, which the query needs: GRANT PROCESS ON *.* TO `e`@`%`;';
const LACKS_SELECT =
  'the account lacks SELECT ON mysql.user, which the query needs: GRANT SELECT ON `mysql`.`user` TO `e`@`%`;';
const LACKS_BY_ERROR = 'the account lacks the privilege SELECT on table `mysql`.`user`';

interface Case {
  readonly name: string;
  readonly outcome: QueryOutcome | undefined;
  readonly needed: readonly Grant[];
  readonly held: readonly string[];
  readonly verdict: Verdict;
}

const DID = '2 rows, no samples, 12.3 ms';
const cases: readonly Case[] = [
  {
    name: 'not run',
    outcome: undefined,
    needed: [],
    held: BARE,
    verdict: { word: 'failed', reason: 'canceled', lines: ['was not run'] },
  },
  {
    name: 'skipped, and a line break of the server is no line of ours',
    outcome: SKIPPED,
    needed: [PROCESS],
    held: BARE,
    verdict: { word: 'skipped', reason: 'table', lines: ['table: there is no\\ntable t'] },
  },
  {
    name: 'ran, with all it needs',
    outcome: RAN,
    needed: [PROCESS],
    held: RICH,
    verdict: { word: 'would run', reason: undefined, lines: [DID] },
  },
  {
    name: 'ran, and one of its metrics has no samples',
    outcome: {
      ...RAN,
      without: [{ family: 'f', failure: { ok: false, reason: 'missing_column', detail: 'no column "b"' } }],
    },
    needed: [PROCESS],
    held: RICH,
    verdict: {
      word: 'incomplete',
      reason: 'missing_column',
      lines: [DID, 'f: missing_column: no column "b"'],
    },
  },
  {
    name: 'ran, and sees less without a privilege',
    outcome: RAN,
    needed: [PROCESS],
    held: BARE,
    verdict: { word: 'incomplete', reason: 'privilege', lines: [DID, LACKS_PROCESS] },
  },
  {
    name: 'ran, and sees what somebody chose',
    outcome: RAN,
    needed: [{ ...PROCESS, privilege: 'SELECT' }],
    held: [...BARE, 'GRANT SELECT ON `shop`.* TO `e`@`%`', 'GRANT SELECT ON `test`.* TO PUBLIC'],
    verdict: {
      word: 'would run',
      reason: undefined,
      lines: [DID, 'sees only what is in `shop`.*: the account has SELECT nowhere else'],
    },
  },
  {
    name: 'ran, and sees what everybody sees',
    outcome: RAN,
    needed: [{ ...PROCESS, privilege: 'SELECT' }],
    held: [...BARE, 'GRANT SELECT ON `test`.* TO PUBLIC'],
    verdict: {
      word: 'incomplete',
      reason: 'privilege',
      lines: [DID, LACKS_PROCESS.replaceAll('PROCESS', 'SELECT')],
    },
  },
  {
    name: 'ran, and a role is not active',
    outcome: RAN,
    needed: [PROCESS],
    held: [...BARE, 'GRANT `r`@`%` TO `e`@`%`'],
    verdict: {
      word: 'incomplete',
      reason: 'privilege',
      lines: [
        DID,
        LACKS_PROCESS,
        'the account has roles that are not active; if one of them holds it: SET DEFAULT ROLE `r`@`%` TO `e`@`%`;',
      ],
    },
  },
  {
    name: 'ran, so that the table was readable, whatever SHOW GRANTS says',
    outcome: RAN,
    needed: [SELECT],
    held: BARE,
    verdict: { word: 'would run', reason: undefined, lines: [DID] },
  },
  {
    name: 'ran, and nothing is known of the account',
    outcome: RAN,
    needed: [PROCESS],
    held: [],
    verdict: { word: 'would run', reason: undefined, lines: [DID] },
  },
  {
    name: 'refused, and declares what it lacks',
    outcome: failed(DENIED, 1142),
    needed: [SELECT],
    held: BARE,
    verdict: { word: 'failed', reason: 'sql', lines: [`sql: ${DENIED}  (1000.0 ms)`, LACKS_SELECT] },
  },
  {
    name: 'refused, and declares nothing: the error tells',
    outcome: failed(DENIED, 1142),
    needed: [],
    held: BARE,
    verdict: { word: 'failed', reason: 'sql', lines: [`sql: ${DENIED}  (1000.0 ms)`, LACKS_BY_ERROR] },
  },
  {
    name: 'failed with a text like a refusal that no server sent',
    outcome: failed(DENIED),
    needed: [],
    held: BARE,
    verdict: { word: 'failed', reason: 'sql', lines: [`sql: ${DENIED}  (1000.0 ms)`] },
  },
];

for (const { held, name, needed, outcome, verdict } of cases)
  test(name, () => assert.deepEqual(judge(outcome, needed, new Grants(held, 'NONE')), verdict));
