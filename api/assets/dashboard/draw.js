// Makes elements. Text becomes text nodes and attribute values, never markup: nothing that comes from the API can become
// part of the page's code. There is no other way into the document.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, given] of Object.entries(attributes ?? {})) {
    if (given === null || given === undefined || given === false) continue;
    if (name === 'on') {
      for (const [event, heard] of Object.entries(given)) node.addEventListener(event, heard);
    } else {
      node.setAttribute(name, given === true ? '' : String(given));
    }
  }
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

export const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

// A picture that is drawn anew for the width that it has, so that its letters keep their size.
export function picture(label, draw) {
  const frame = el('div', { class: 'picture', role: 'img', 'aria-label': label });
  let width = 0;
  const seen = new ResizeObserver(([entry]) => {
    const next = Math.floor(entry.contentRect.width);
    if (next < 40 || next === width) return;
    width = next;
    frame.replaceChildren(draw(width));
  });
  seen.observe(frame);
  return frame;
}

// The same figures to read: for those who do not see the picture, and for those who want them to the last digit.
export function table(caption, heads, rows) {
  const cell = (text, at) => (at === 0 ? el('th', { scope: 'row' }, text) : el('td', {}, text));
  return el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': caption },
    el('table', {},
      el('caption', { class: 'hidden' }, caption),
      el('thead', {}, el('tr', {}, heads.map((head) => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, rows.map((row) => el('tr', {}, row.map(cell))))));
}

export const figures = (caption, heads, rows) =>
  el('details', { class: 'figures' }, el('summary', {}, 'Figures'), table(caption, heads, rows));

export function card(title, about, size, ...children) {
  return el('section', { class: `card w${size}` },
    el('div', { class: 'head' }, el('h3', {}, title), about ? el('p', { class: 'about' }, about) : null), children);
}

export const note = (text, kind = 'note') => el('p', { class: kind }, text);
