/**
 * The script of all pages. It asks for the page again, with what the form says, and shows what has changed; everything is
 * there without it too.
 */
export const SCRIPT = `
const form = document.querySelector('form');
const box = document.getElementById('refresh');
let asked = 0;
async function show(url) {
  const turn = ++asked;
  try {
    const answer = await fetch(url);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (turn !== asked) return;
    for (const part of document.querySelectorAll('[data-live]')) {
      const next = page.getElementById(part.id);
      if (next) keepOpen(part, next), part.replaceWith(document.adoptNode(next));
    }
  } catch {} // the exporter is away; what is shown stays
}
function keepOpen(part, next) {
  for (const { id } of part.querySelectorAll('details[open]')) {
    const again = next.querySelector('#' + CSS.escape(id));
    if (again) again.open = true;
  }
}
function address() {
  if (!form) return location.href;
  const words = [...new FormData(form)].filter(([, value]) => value !== '' && value !== 'name');
  return location.pathname + (words.length ? '?' + new URLSearchParams(words) : '');
}
let timer;
function change() {
  clearTimeout(timer);
  timer = setTimeout(() => { history.replaceState(null, '', address()); show(address()); }, 150);
}
if (form) {
  form.addEventListener('input', change);
  form.addEventListener('submit', (event) => { event.preventDefault(); change(); });
}
if (box) setInterval(() => { if (box.checked && !document.hidden && !document.querySelector('[data-live] :focus')) show(address()); }, 10000);
`;
