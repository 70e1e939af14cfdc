// Charts: from figures to pictures, each with the same figures as a table. They know no API.
import { el, figures, picture, svg } from './draw.js';

const text = (x, y, content, attributes) => svg('text', { x, y, ...attributes }, content);
const frame = (width, height, ...children) =>
  svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true', focusable: 'false' }, children);

// So much of a text as fits; its whole is in the table.
function cut(content, width) {
  const most = Math.max(Math.floor(width / 7.4), 3);
  return content.length > most ? `${content.slice(0, most - 1)}…` : content;
}

// A step that is easy to read, so that about `count` of them cover the span.
function step(span, count) {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough);
}

// Lines across at round values, and the scale that they stand on.
function scale(low, high, top, bottom, count = 4) {
  const least = Math.min(low, 0);
  const most = Math.max(high, least + 1e-9);
  const each = step(most - least, count);
  const [from, to] = [Math.floor(least / each) * each, Math.ceil(most / each - 1e-9) * each];
  const y = (number) => bottom - ((number - from) / (to - from)) * (bottom - top);
  const marks = [];
  for (let at = from; at <= to + each / 1e6; at += each) marks.push(at);
  return { y, marks };
}

// Bars that lie: rows of { label, number, shown, beside, tone }.
export function bars(title, rows, heads) {
  const most = Math.max(...rows.map((row) => row.number ?? 0), 0);
  const least = Math.min(...rows.map((row) => row.number ?? 0), 0);
  const label = `${title}: ${rows.map((row) => `${row.label} ${row.shown}`).join(', ')}`;
  const draw = (width) => {
    const narrow = width < 420;
    const [names, values, high] = [narrow ? 0 : Math.min(150, width * 0.3), 118, narrow ? 44 : 34];
    const room = Math.max(width - names - values - 12, 40);
    const across = (number) => ((number - least) / (most - least || 1)) * room;
    return frame(width, rows.length * high, rows.map((row, at) => {
      const y = at * high + (narrow ? 20 : 6);
      const [from, to] = [across(0), across(row.number ?? 0)];
      return svg('g', {},
        narrow ? text(0, at * high + 13, cut(row.label, width - 10), { class: 'name' })
          : text(names - 10, y + 15, cut(row.label, names - 10), { class: 'name', 'text-anchor': 'end' }),
        svg('rect', { x: names, y, width: room, height: 20, rx: 4, class: 'track' }),
        row.number ? svg('rect', {
          x: names + Math.min(from, to), y, width: Math.max(Math.abs(to - from), 2), height: 20, rx: 4, class: `fill ${row.tone ?? ''}`,
        }) : null,
        text(names + room + 10, y + 15, row.shown, { class: 'value' }),
        row.beside ? text(width, y + 15, row.beside, { class: 'beside', 'text-anchor': 'end' }) : null);
    }));
  };
  return [picture(label, draw), figures(title, heads, rows.map((row) => [row.label, row.exact ?? row.shown, ...(row.more ?? [])]))];
}

// Columns that hang together: { label, from, to, shown, tone, exact, count }.
export function waterfall(title, columns, shown) {
  const label = `${title}: ${columns.map((column) => `${column.label} ${column.shown}`).join(', ')}`;
  const draw = (width) => {
    if (width < 520) return fallen(width, columns);
    const [left, top, bottom, height] = [64, 26, 206, 234];
    const all = columns.flatMap((column) => [column.from, column.to]);
    const { y, marks } = scale(Math.min(...all), Math.max(...all), top, bottom);
    const each = (width - left) / columns.length;
    const wide = Math.min(each * 0.66, 64);
    return frame(width, height,
      marks.map((mark) => svg('g', {},
        svg('line', { x1: left, x2: width, y1: y(mark), y2: y(mark), class: mark === 0 ? 'axis' : 'rule' }),
        text(left - 8, y(mark) + 4, shown(mark), { class: 'mark', 'text-anchor': 'end' }))),
      columns.map((column, at) => {
        const x = left + each * at + (each - wide) / 2;
        const [high, low] = [Math.min(y(column.from), y(column.to)), Math.max(y(column.from), y(column.to))];
        const next = columns[at + 1];
        return svg('g', {},
          svg('rect', { x, y: high, width: wide, height: Math.max(low - high, 2), rx: 3, class: `fill ${column.tone}` }),
          next ? svg('line', { x1: x + wide, x2: x + each, y1: y(column.to), y2: y(column.to), class: 'link' }) : null,
          text(x + wide / 2, high - 7, column.shown, { class: 'value small', 'text-anchor': 'middle' }),
          text(x + wide / 2, bottom + 20, cut(column.label, each), { class: 'mark', 'text-anchor': 'middle' }));
      }));
  };
  const rows = columns.map((column) => [column.label, column.exact, column.count]);
  return [picture(label, draw), figures(title, ['', 'Amount', 'Opportunities'], rows)];
}

// The same on a narrow screen: from top to bottom.
function fallen(width, columns) {
  const all = columns.flatMap((column) => [column.from, column.to]);
  const [least, most] = [Math.min(...all, 0), Math.max(...all, 1e-9)];
  const x = (number) => ((number - least) / (most - least)) * (width - 2) + 1;
  return frame(width, columns.length * 42, columns.map((column, at) => {
    const y = at * 42;
    const [from, to] = [Math.min(x(column.from), x(column.to)), Math.max(x(column.from), x(column.to))];
    return svg('g', {},
      text(0, y + 13, column.label, { class: 'name' }),
      text(width, y + 13, column.shown, { class: 'value', 'text-anchor': 'end' }),
      svg('rect', { x: 0, y: y + 19, width, height: 14, rx: 3, class: 'track' }),
      svg('rect', { x: from, y: y + 19, width: Math.max(to - from, 2), height: 14, rx: 3, class: `fill ${column.tone}` }));
  }));
}

// A line through points { label, number, shown, exact }; a gap where there is no number.
export function line(title, points, shown) {
  const known = points.filter((point) => point.number !== null);
  const last = known.at(-1);
  const label = `${title}: ${points.map((point) => `${point.label} ${point.shown}`).join(', ')}`;
  const draw = (width) => {
    const [left, top, bottom, height] = [64, 18, 186, 216];
    const numbers = known.map((point) => point.number);
    const { y, marks } = scale(Math.min(...numbers, 0), Math.max(...numbers, 0), top, bottom);
    const right = width - 14;
    const x = (at) => (points.length < 2 ? (left + right) / 2 : left + 8 + (at / (points.length - 1)) * (right - left - 8));
    const every = Math.ceil((points.length * 58) / (right - left));
    let path = '';
    points.forEach((point, at) => {
      if (point.number === null) return;
      const begins = at === 0 || points[at - 1].number === null;
      path += `${begins ? 'M' : 'L'}${x(at).toFixed(1)} ${y(point.number).toFixed(1)}`;
    });
    const whole = points.every((point) => point.number !== null) && points.length > 1;
    return frame(width, height,
      marks.map((mark) => svg('g', {},
        svg('line', { x1: left, x2: width, y1: y(mark), y2: y(mark), class: mark === 0 ? 'axis' : 'rule' }),
        text(left - 8, y(mark) + 4, shown(mark), { class: 'mark', 'text-anchor': 'end' }))),
      whole ? svg('path', { d: `${path}L${x(points.length - 1)} ${y(0)}L${x(0)} ${y(0)}Z`, class: 'area' }) : null,
      svg('path', { d: path, class: 'line' }),
      points.map((point, at) => svg('g', {},
        point.number === null ? null
          : svg('circle', { cx: x(at), cy: y(point.number), r: point === last ? 4.5 : points.length > 20 ? 0 : 2.5, class: 'dot' }),
        (points.length - 1 - at) % every === 0
          ? text(x(at), bottom + 20, point.label, { class: 'mark', 'text-anchor': at === points.length - 1 && points.length > 1 ? 'end' : 'middle' }) : null)),
      last ? text(Math.min(x(points.indexOf(last)), right), y(last.number) - 10, last.shown, { class: 'value', 'text-anchor': 'end' }) : null);
  };
  return [picture(label, draw), figures(title, ['', 'Value'], points.map((point) => [point.label, point.exact]))];
}

// Parts on top of each other, the surest first: { label, number, shown, sum, tone }; and a mark on the way.
export function stack(title, parts, mark, rows) {
  const most = Math.max(parts.reduce((sum, part) => sum + part.number, 0), mark?.number ?? 0, 1e-9);
  const label = `${title}: ${parts.map((part) => `${part.label} ${part.shown}`).join(', ')}${mark ? `, ${mark.label} ${mark.shown}` : ''}`;
  const draw = (width) => {
    let at = 0;
    const x = (number) => (number / most) * width;
    const place = mark ? Math.min(x(mark.number), width - 1) : 0;
    return frame(width, 74,
      svg('rect', { x: 0, y: 30, width, height: 34, rx: 5, class: 'track' }),
      parts.map((part) => {
        const from = x(at);
        at += part.number;
        return part.number ? svg('rect', { x: from, y: 30, width: Math.max(x(at) - from - 1.5, 1.5), height: 34, rx: 3, class: `fill ${part.tone}` }) : null;
      }),
      mark ? svg('g', {},
        svg('line', { x1: place, x2: place, y1: 22, y2: 70, class: 'pin' }),
        text(place + (place > width / 2 ? -6 : 6), 17, `${mark.label} ${mark.shown}`, { class: 'value small', 'text-anchor': place > width / 2 ? 'end' : 'start' })) : null);
  };
  const legend = el('ul', { class: 'legend' }, parts.map((part) => el('li', {},
    el('span', { class: `swatch ${part.tone}`, 'aria-hidden': 'true' }), el('span', {}, part.label), el('span', { class: 'note' }, part.beside ?? ''), el('b', {}, part.shown))));
  return [picture(label, draw), legend, figures(title, ['', 'Amount', 'With what is surer', 'Submitted', 'Opportunities'], rows)];
}

// How far a goal is: what is done, what is expected by now, what is to be reached.
export function pace(title, goal) {
  const from = Math.min(goal.baseline, goal.target);
  const ends = [goal.baseline, goal.target, goal.actual, goal.expected].filter((number) => number !== null);
  const [least, most] = [Math.min(from, ...ends), Math.max(...ends)];
  const draw = (width) => {
    const x = (number) => ((number - least) / (most - least || 1)) * (width - 4) + 2;
    const [zero, done] = [x(goal.baseline), goal.actual === null ? null : x(goal.actual)];
    return frame(width, 46,
      svg('rect', { x: 0, y: 16, width, height: 18, rx: 5, class: 'track' }),
      done === null ? null : svg('rect', { x: Math.min(zero, done), y: 16, width: Math.max(Math.abs(done - zero), 2), height: 18, rx: 5, class: `fill ${goal.tone}` }),
      goal.expected === null ? null : svg('line', { x1: x(goal.expected), x2: x(goal.expected), y1: 9, y2: 41, class: 'pin' }),
      svg('line', { x1: x(goal.target), x2: x(goal.target), y1: 12, y2: 38, class: 'goal' }));
  };
  return picture(title, draw);
}
