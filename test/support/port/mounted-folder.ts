/** A folder as Kubernetes mounts it: `..data` leads to the files of now and is swapped, nothing else changes. */
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface MountedFolder {
  readonly at: string;
  /** All files of now; their names are those of the first time. */
  swap(files: Readonly<Record<string, string | Buffer>>): Promise<void>;
}

export async function mountFolder(at: string): Promise<MountedFolder> {
  await mkdir(at);
  let generation = 0;
  return {
    at,
    async swap(files) {
      const name = `..${++generation}`;
      await mkdir(join(at, name));
      for (const [file, content] of Object.entries(files)) {
        await writeFile(join(at, name, file), content);
        if (generation === 1) await symlink(join('..data', file), join(at, file));
      }
      await symlink(name, join(at, '..new'));
      await rename(join(at, '..new'), join(at, '..data'));
    },
  };
}
