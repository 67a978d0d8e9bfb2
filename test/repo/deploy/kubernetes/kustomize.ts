/** kustomize, which is in kubectl: what `kubectl apply -k` would send. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findKubectl } from '../../../../harness/programs.ts';
import { type KubernetesObject, objectsIn } from './files.ts';

const run = promisify(execFile);

/** All objects of a kustomization; an Error carries what kustomize said, a warning too. */
export async function kustomize(folder: string): Promise<readonly KubernetesObject[]> {
  const { command, prefix } = await findKubectl();
  const { stderr, stdout } = await run(command, [...prefix, 'kustomize', folder], { maxBuffer: 2 ** 24 });
  if (stderr !== '') throw new Error(`${folder}: ${stderr}`);
  return objectsIn(stdout);
}
