/** The looks of all pages: no image, no font of our own, light and dark, and cards in the place of rows where it is narrow. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --quiet: #57606a; --back: #fff; --panel: #f3f4f6; --line: #d0d7de; --link: #0550ae; --up: #116329; --down: #a40e26; --partly: #7d4e00; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --quiet: #9ea7b3; --back: #0d1117; --panel: #161b22; --line: #30363d; --link: #79b8ff; --up: #56d364; --down: #ff938a; --partly: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; color: var(--text); background: var(--back); }
header, main { max-width: 100rem; margin: 0 auto; padding: .6rem 1rem; }
header { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; align-items: baseline; border-bottom: 1px solid var(--line); }
header span { margin-left: auto; }
a { color: var(--link); }
nav a, .states a { display: inline-block; margin-right: .9rem; padding: .2rem 0; }
a[aria-current] { font-weight: 600; color: var(--text); text-decoration: none; }
a:focus-visible, input:focus-visible, select:focus-visible, button:focus-visible, summary:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
h1 { font-size: 1.4rem; margin: .6rem 0; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: .6rem 0; }
input, select, button { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--quiet); border-radius: 4px; padding: .25rem .5rem; }
input[type=search] { width: 18rem; max-width: 100%; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; font-weight: 400; padding: .22rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { font-weight: 600; white-space: nowrap; }
td { overflow-wrap: anywhere; } tbody th { overflow-wrap: break-word; min-width: 11rem; }
.num { text-align: right; white-space: nowrap; overflow-wrap: normal; font-variant-numeric: tabular-nums; }
.up { color: var(--up); } .down { color: var(--down); } .partly { color: var(--partly); } .quiet, .not_asked, .disabled, .skipped { color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: .6rem 0; } dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: .6rem; overflow-x: auto; font: 13px/1.45 ui-monospace, monospace; }
summary { cursor: pointer; }
@media (max-width: 760px) {
  thead { position: absolute; left: -99rem; }
  table, tbody, tr, th, td { display: block; border: 0; }
  tr { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .4rem .2rem; }
  .num { text-align: left; }
  td:empty { display: none; }
  td::before { color: var(--quiet); }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }
}
`;

/** On narrow screens a cell says itself what it is. */
export function cellLabels(table: string, labels: readonly string[]): string {
  const rules = labels.map(
    (label, i) => `#${table} td:nth-child(${i + 2})::before { content: "${label}: "; }`,
  );
  return `@media (max-width: 760px) { ${rules.join(' ')} }\n`;
}
