/**
 * The map of rooms in ARCHITECTURE.md: the drawing and the arrows come from the table of the architecture test, the
 * sentence about each room and part is written by hand and kept.
 */
import type { Room } from '../../test/repo/rooms.ts';

type Rooms = Readonly<Record<string, Room>>;

const BEGIN =
  '<!-- Map: drawing, names and the last column are made by `npm run docs` from test/repo/rooms.ts. -->';
const END = '<!-- End of the map. -->';

/** The page with a fresh map; a room or part that is new there has an empty sentence. */
export function withFreshMap(page: string, rooms: Rooms): string {
  const [before, rest] = halves(page, BEGIN);
  const [map, after] = halves(rest, END);
  const said = new Map([...map.matchAll(ROW)].map(([, name = '', what = '']) => [name, what]));
  const lines = [BEGIN, '', ...drawing(rooms), '', ...table(rooms, said), '', END];
  return before + lines.join('\n') + after;
}

/** Rooms and parts of the map about which nothing is said. */
export function unexplained(page: string): readonly string[] {
  return [...page.matchAll(ROW)].flatMap(([, name = '', what]) => (what === '' ? [name] : []));
}

/** A row of the table: the name and the sentence. */
const ROW = /^\| \**`([^`]+)`\** \| ?(.*?) ?\| [^|]*\|$/gm;

function halves(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at < 0 || text.includes(mark, at + 1)) throw new Error(`ARCHITECTURE.md must have exactly one ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

/** Arrows that a longer way implies are left out: the table has all of them. */
function drawing(rooms: Rooms): readonly string[] {
  const idOf = (room: string) => room.replaceAll(/\W/g, '_');
  const nodes = Object.keys(rooms).map((room) => `  ${idOf(room)}["${room}"]`);
  const arrows = Object.entries(rooms).flatMap(([room, { mayImport }]) =>
    mayImport
      .filter((to) => !mayImport.some((other) => other !== to && leadsTo(rooms, other, to)))
      .map((to) => `  ${idOf(room)} --> ${idOf(to)}`),
  );
  return ['```mermaid', 'flowchart TD', ...nodes, ...arrows, '```'];
}

function leadsTo(rooms: Rooms, from: string, to: string): boolean {
  const next = rooms[from]?.mayImport ?? [];
  return next.includes(to) || next.some((other) => leadsTo(rooms, other, to));
}

function table(rooms: Rooms, said: ReadonlyMap<string, string>): readonly string[] {
  const names = (list: readonly string[]) => list.map((name) => `\`${name}\``).join(', ') || 'nothing';
  const row = (name: string, shown: string, mayImport: readonly string[]) =>
    `| ${shown} | ${said.get(name) ?? ''} | ${names(mayImport)} |`;
  return [
    '| room, part | what it is | may import |',
    '|---|---|---|',
    ...Object.entries(rooms).flatMap(([room, { mayImport, parts = {} }]) => [
      row(room, `**\`${room}\`**`, mayImport),
      ...Object.entries(parts).map(([part, others]) => row(`${room}/${part}`, `\`${room}/${part}\``, others)),
    ]),
  ];
}
