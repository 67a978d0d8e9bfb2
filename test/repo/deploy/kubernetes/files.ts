/** What is shipped under deploy/kubernetes: kustomizations with what they name, and manifests as Kubernetes reads them. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import * as z from 'zod';

export const DEPLOY = fileURLToPath(new URL('../../../../deploy', import.meta.url));
export const KUBERNETES = join(DEPLOY, 'kubernetes');
export const OVERLAYS = ['plain', 'prometheus-operator', 'sharded'] as const;
export type Overlay = (typeof OVERLAYS)[number];
export const overlayFolder = (overlay: Overlay) => join(KUBERNETES, 'overlays', overlay);

/** Of any kind: its type is proved by the schema of that kind. */
const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
});
export type KubernetesObject = z.infer<typeof objectSchema>;

/** The keys that ours have. One that is not here may name files that nobody looks for. */
const kustomizationSchema = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: z.string().optional(),
  nameSuffix: z.string().optional(),
  resources: z.array(z.string()).default([]),
  labels: z
    .array(
      z.strictObject({ pairs: z.record(z.string(), z.string()), includeSelectors: z.boolean().optional() }),
    )
    .optional(),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })).optional(),
  configMapGenerator: z
    .array(
      z.strictObject({
        name: z.string(),
        behavior: z.literal('replace').optional(),
        files: z.array(z.string()),
        options: z.strictObject({ disableNameSuffixHash: z.literal(true) }),
      }),
    )
    .default([]),
  patches: z.array(z.strictObject({ path: z.string() })).default([]),
});
export type Kustomization = z.infer<typeof kustomizationSchema>;

export const parseKustomization = (text: string): Kustomization => kustomizationSchema.parse(parse(text));

/** All objects of a text. Kubernetes reads YAML 1.1, where 0440 is 288. */
export function objectsIn(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    assert.deepEqual(document.errors, []);
    return objectSchema.parse(document.toJS());
  });
}

export interface KustomizationFile {
  readonly folder: string;
  readonly content: Kustomization;
}

export const readKustomization = async (folder: string): Promise<KustomizationFile> => ({
  folder,
  content: parseKustomization(await readFile(join(folder, 'kustomization.yaml'), 'utf8')),
});

/** A kustomization and all that it takes in, however far. */
export async function reachedFrom(folder: string): Promise<readonly KustomizationFile[]> {
  const own = await readKustomization(folder);
  const folders = own.content.resources.filter((resource) => !resource.endsWith('.yaml'));
  const below = await Promise.all(folders.map((resource) => reachedFrom(join(folder, resource))));
  return [own, ...below.flat()];
}

/** Paths of the files that a kustomization names itself. */
export const filesOf = ({ content, folder }: KustomizationFile): readonly string[] =>
  [
    ...content.resources.filter((resource) => resource.endsWith('.yaml')),
    ...content.configMapGenerator.flatMap(({ files }) => files),
    ...content.patches.map(({ path }) => path),
  ].map((name) => join(folder, name));

/** Paths of all files below deploy/kubernetes. */
export async function allFiles(): Promise<readonly string[]> {
  const entries = await readdir(KUBERNETES, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** As messages name it. */
export const nameOf = (path: string): string => relative(dirname(DEPLOY), path);
