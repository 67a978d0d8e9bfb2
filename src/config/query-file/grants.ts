/**
 * `grants` of query files in their normal form: the privileges that a query needs, by flavour of the server.
 */

import type { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import { isKnown, KNOWN, LOCAL } from '../../grants/names.ts';
import {
  FLAVOUR_NAMES,
  FLAVOURS,
  type Flavour,
  type Grant,
  type QueryDefinition,
} from '../../model/query-set.ts';
import type { GrantKeys } from './schema.ts';

/**
 * The privileges by flavour.
 *
 * @param asked the flavours on which the query runs
 */
export function readGrants(
  keys: GrantKeys | undefined,
  asked: readonly Flavour[],
  diagnostics: Diagnostics,
): QueryDefinition['grants'] {
  const needed: Record<Flavour, readonly Grant[]> = { mysql: [], mariadb: [] };
  if (Array.isArray(keys)) {
    const grants = keys.map((text, i) => readGrant(text, asked, diagnostics.at(i)));
    for (const flavour of asked) needed[flavour] = grants;
  } else if (keys !== undefined) {
    for (const flavour of FLAVOURS)
      needed[flavour] = (keys[flavour] ?? []).map((text, i) =>
        readGrant(text, [flavour], diagnostics.at(flavour, i)),
      );
  }
  return needed;
}

function readGrant(text: string, flavours: readonly Flavour[], diagnostics: Diagnostics): Grant {
  const [privilege = '', place = '*.*'] = text.split(' ON ');
  const [schema = '*', table = '*'] = place.split('.');
  if (schema === 'information_schema')
    diagnostics.error(
      'nothing can be granted on information_schema: name what its table depends on, such as PROCESS',
    );
  else if (schema !== '*' && isKnown(privilege) && !LOCAL.includes(privilege))
    diagnostics.error(`${privilege} is for the whole server: write it without ON ${place}`);
  for (const flavour of flavours) {
    const known = [...KNOWN.both, ...KNOWN[flavour]];
    if (known.includes(privilege)) continue;
    const other = FLAVOURS.find((one) => one !== flavour && KNOWN[one].includes(privilege));
    diagnostics.warn(
      other === undefined
        ? `the privilege "${privilege}" is not known${didYouMean(privilege, known)}`
        : `${FLAVOUR_NAMES[flavour]} has no privilege ${privilege}: write grants as {mysql: [...], mariadb: [...]}`,
    );
    break;
  }
  return { privilege, schema, table };
}
