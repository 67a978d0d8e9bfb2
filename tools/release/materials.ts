/**
 * The list of materials (SBOM) of the built program in CycloneDX: that of npm, less the packages of which the program
 * has no code: those for development, and those that only have types.
 */
import * as z from 'zod';

/** The parts that are looked at; all others stay as they are. */
const materialsSchema = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string() }) }),
  components: z.array(
    z.looseObject({
      'bom-ref': z.string(),
      name: z.string(),
      version: z.string(),
      properties: z.array(z.looseObject({ name: z.string() })),
    }),
  ),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).optional() })),
});

/** Of a package that is needed for development only. */
const DEVELOPMENT = 'cdx:npm:package:development';

export interface PackageVersion {
  readonly name: string;
  readonly version: string;
}

/**
 * @param text of `npm sbom`
 * @param bundled the packages whose code is in the program; an Error when npm does not know one of them
 */
export function materialsOf(text: string, bundled: readonly PackageVersion[]): string {
  const { components, dependencies, metadata, ...rest } = materialsSchema.parse(JSON.parse(text));
  const isBundled = (one: PackageVersion) =>
    bundled.some(({ name, version }) => name === one.name && version === one.version);
  const kept = components.filter(isBundled);
  const unknown = bundled.filter(
    (one) => !kept.some(({ name, version }) => name === one.name && version === one.version),
  );
  if (unknown.length > 0)
    throw new Error(
      `not in npm's list: ${unknown.map(({ name, version }) => `${name}@${version}`).join(', ')}`,
    );
  const dropped = new Set(components.filter((one) => !isBundled(one)).map((one) => one['bom-ref']));
  const forDevelopment = components.filter(({ properties }) =>
    properties.some(({ name }) => name === DEVELOPMENT),
  );
  const needs = new Map(dependencies.map(({ dependsOn = [], ref }) => [ref, dependsOn]));
  for (const one of forDevelopment) needs.delete(one['bom-ref']);
  const left = dependencies
    .filter(({ ref }) => !dropped.has(ref))
    .map((one) => ({ ...one, dependsOn: keptNeeds(one.ref, needs, dropped) }));
  // npm calls the program as the folder is called that it lies in.
  const name = metadata.component['bom-ref'].replace(/@[^@]*$/, '');
  const named = { ...metadata, component: { ...metadata.component, name } };
  return `${JSON.stringify({ ...rest, metadata: named, components: kept, dependencies: left }, undefined, 2)}\n`;
}

/** What one depends on, directly or over what was dropped. */
function keptNeeds(
  from: string,
  needs: ReadonlyMap<string, readonly string[]>,
  dropped: ReadonlySet<string>,
): readonly string[] {
  const found = new Set<string>();
  const passed = new Set<string>();
  const walk = (ref: string) => {
    for (const needed of needs.get(ref) ?? []) {
      if (!dropped.has(needed)) found.add(needed);
      else if (!passed.has(needed)) {
        passed.add(needed);
        walk(needed);
      }
    }
  };
  walk(from);
  return [...found].sort();
}
