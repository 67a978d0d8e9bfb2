/** The rooms of the house, their parts, and the one way that imports may point: rooms.ts has the table. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FILES_IN_A_FOLDER, OWNED, ROOMS } from './rooms.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SRC = join(ROOT, 'src');

interface Import {
  readonly from: string;
  readonly to: string;
}

const filesBelow = async (folder: string) =>
  (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.ts')).sort();

const files = await filesBelow(SRC);
const imports: Import[] = [];
for (const from of files) {
  const text = await readFile(join(SRC, from), 'utf8');
  for (const pattern of [/^(?:import|export)[^;]*?from '([^']+)';/gm, /\bimport\('([^']+)'\)/g])
    for (const [, to = ''] of text.matchAll(pattern)) imports.push({ from, to });
}

const roomOf = (file: string) => file.split('/')[0] ?? '';
/** The folder or file in its room. */
const partOf = (file: string) => file.split('/')[1] ?? '';

const inside = imports
  .filter(({ to }) => to.startsWith('.'))
  .map(({ from, to }) => ({ from, to: relative(SRC, join(SRC, dirname(from), to)) }));

/** The first circle that an arrow leads into, as a path; undefined when there is none. */
function circle(nodes: Iterable<string>, next: (node: string) => readonly string[]): string[] | undefined {
  const left = new Set<string>();
  const walk = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (left.has(node)) return undefined;
    for (const other of next(node)) {
      const found = walk(other, [...path, node]);
      if (found !== undefined) return found;
    }
    left.add(node);
    return undefined;
  };
  for (const node of nodes) {
    const found = walk(node, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

test('there is something to check', () => assert.ok(files.length > 100 && inside.length > 300));

test('every room and part stands in the table, and nothing else does', () => {
  assert.deepEqual(Object.keys(ROOMS).sort(), [...new Set(files.map(roomOf))].sort());
  for (const [room, { parts }] of Object.entries(ROOMS)) {
    if (parts === undefined) continue;
    const found = new Set(files.filter((file) => roomOf(file) === room).map(partOf));
    assert.deepEqual(Object.keys(parts).sort(), [...found].sort(), room);
  }
});

test('imports between rooms are those of the table', () => {
  const wrong = inside.filter(
    ({ from, to }) => roomOf(from) !== roomOf(to) && !ROOMS[roomOf(from)]?.mayImport.includes(roomOf(to)),
  );
  assert.deepEqual(wrong, []);
});

test('imports between parts are those of the table', () => {
  const wrong = inside.filter(({ from, to }) => {
    const parts = roomOf(from) === roomOf(to) ? ROOMS[roomOf(from)]?.parts : undefined;
    return parts && partOf(from) !== partOf(to) && !parts[partOf(from)]?.includes(partOf(to));
  });
  assert.deepEqual(wrong, []);
});

test('every arrow of the table is used', () => {
  const isUsed = (from: (file: string) => boolean, to: (file: string) => boolean) =>
    inside.some((edge) => from(edge.from) && to(edge.to));
  const unused = Object.entries(ROOMS).flatMap(([room, { mayImport, parts = {} }]) => [
    ...mayImport
      .filter(
        (other) =>
          !isUsed(
            (file) => roomOf(file) === room,
            (file) => roomOf(file) === other,
          ),
      )
      .map((other) => `${room} -> ${other}`),
    ...Object.entries(parts).flatMap(([part, others]) => {
      const isIn = (name: string) => (file: string) => roomOf(file) === room && partOf(file) === name;
      return others
        .filter((other) => !isUsed(isIn(part), isIn(other)))
        .map((other) => `${room}/${part} -> ${other}`);
    }),
  ]);
  assert.deepEqual(unused, []);
});

test('the table has no circle', () => {
  assert.equal(
    circle(Object.keys(ROOMS), (room) => ROOMS[room]?.mayImport ?? []),
    undefined,
  );
  for (const { parts = {} } of Object.values(ROOMS))
    assert.equal(
      circle(Object.keys(parts), (part) => parts[part] ?? []),
      undefined,
    );
});

test('no file imports itself, however long the way', () => {
  const next = (file: string) => inside.filter(({ from }) => from === file).map(({ to }) => to);
  assert.equal(circle(files, next), undefined);
});

test('a package is known to its rooms or parts alone', () => {
  const wrong = imports.filter(({ from, to }) => {
    const owners = OWNED[to.split('/')[0] ?? ''];
    return owners !== undefined && !owners.some((owner) => from === owner || from.startsWith(`${owner}/`));
  });
  assert.deepEqual(wrong, []);
});

test('no folder holds more files than a reader takes in at once', async () => {
  for (const top of ['src', 'harness', 'lab', 'bench', 'tools', 'test']) {
    const folders = (await filesBelow(join(ROOT, top))).map((file) => dirname(join(top, file)));
    for (const folder of new Set(folders)) {
      const { length } = folders.filter((one) => one === folder);
      assert.ok(length <= FILES_IN_A_FOLDER, `${folder} holds ${length} files`);
    }
  }
});

test('no index.ts, no room without a subject', () => {
  assert.deepEqual(
    files.filter((file) => /(^|\/)(index|utils?|helpers?|common|types|misc)(\.ts|\/)/.test(file)),
    [],
  );
});
