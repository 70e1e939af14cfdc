// The page: signing in, which view is open, when it is asked again.
import { el, note } from './draw.js';
import { clock, PERIODS, period, span } from './format.js';
import { BOARD, CHANGED, REPORT, WHO } from './operations.js';
import { createSession } from './session.js';
import { boardView, reportView } from './views.js';

const [top, views, content, status] = ['top', 'views', 'content', 'status'].map((id) => document.getElementById(id));
const session = createSession(signedOut);
const POLL_MS = 300_000;
const AGAIN_MS = 5_000;
const LASTED_MS = 30_000;

let house = null; // who looks: organisation, time zone, dashboards
let open = 0; // raised whenever another view is opened: what comes late is dropped
let following = null;
let dueAt = Infinity;
let chosen = 'this-quarter';

const say = (text) => status.replaceChildren(text);

// --- signing in

function signedOut(why) {
  open += 1;
  following?.abort();
  house = null;
  dueAt = Infinity;
  top.hidden = true;
  document.title = 'Sign in · Accord';
  content.replaceChildren(gate(why));
  content.querySelector('input').focus();
}

function gate(why) {
  const field = (label, name, type, more) =>
    el('label', {}, el('span', {}, label), el('input', { name, type, required: name !== 'organization', spellcheck: 'false', autocapitalize: 'none', ...more }));
  const problem = el('p', { class: 'wrong', role: 'alert' }, why || null);
  problem.hidden = !why;
  const button = el('button', { type: 'submit' }, 'Sign in');
  const form = el('form', { class: 'gate', 'aria-labelledby': 'gate' },
    el('h1', { id: 'gate' }, 'Revenue at a glance'),
    el('p', { class: 'about' }, 'Marketing and sales, one set of numbers. Sign in with your Accord account.'),
    problem,
    field('E-mail', 'email', 'email', { autocomplete: 'username' }),
    field('Password', 'password', 'password', { autocomplete: 'current-password' }),
    el('details', {}, el('summary', {}, 'This server has several organisations'),
      field('Organisation', 'organization', 'text', { autocomplete: 'organization', placeholder: 'its short name, e.g. acme' })),
    button,
    el('p', { class: 'note' }, 'You stay signed in until this page is closed or reloaded: nothing is stored in the browser.'));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    say('Signing in…');
    const given = Object.fromEntries(new FormData(form));
    if (!given.organization) delete given.organization;
    try {
      await session.signIn(given);
      await enter();
    } catch (error) {
      problem.replaceChildren(error.message);
      problem.hidden = false;
      form.elements.password.value = '';
      form.elements.password.focus();
    } finally {
      button.disabled = false;
      say('');
    }
  });
  return form;
}

async function enter() {
  const { data } = await session.ask(WHO);
  const { viewer, dashboards } = data;
  house = {
    timeZone: viewer.organization?.timeZone ?? 'UTC',
    fiscalYearStartMonth: viewer.organization?.fiscalYearStartMonth ?? 1,
    session: viewer.session?.id,
    dashboards: dashboards.nodes,
  };
  document.getElementById('house').replaceChildren(viewer.organization?.name ?? 'Accord');
  document.getElementById('person').replaceChildren(viewer.user?.name ?? '');
  top.hidden = false;
  show();
}

document.getElementById('leave').addEventListener('click', () => session.signOut(house?.session));

// --- views

// The address says which view is open, and holds nothing else.
function wanted() {
  const id = location.hash.slice(1);
  return house?.dashboards.find((one) => one.id === id) ?? null;
}

function links(board) {
  const link = (href, label, current) => el('a', { href, 'aria-current': current ? 'page' : null }, label);
  views.replaceChildren(link('#report', 'Revenue report', !board),
    ...house.dashboards.map((one) => link(`#${one.id}`, one.name, one === board)));
  const here = views.querySelector('[aria-current]');
  views.scrollLeft = Math.max(here.offsetLeft - 60, 0);
}

window.addEventListener('hashchange', () => {
  if (house && location.hash !== '#content') show();
});

function show() {
  open += 1;
  following?.abort();
  const board = wanted();
  links(board);
  const title = board?.name ?? 'Revenue report';
  document.title = `${title} · Accord`;
  const [when, body] = [el('p', { class: 'when' }), el('div', { class: 'body', 'aria-busy': 'true' }, skeleton())];
  const again = el('button', { type: 'button', class: 'quiet', on: { click: () => load() } }, 'Refresh');
  const pick = board ? null : el('select', { 'aria-label': 'Period', on: { change: (event) => { chosen = event.target.value; load(); } } },
    PERIODS.map(([name, label]) => el('option', { value: name, selected: name === chosen }, label)));
  content.replaceChildren(el('div', { class: 'title' }, el('div', {}, el('h1', {}, title), when), el('div', { class: 'tools' }, pick, again)), body);
  const view = open;
  let turn = 0;

  async function load() {
    const mine = (turn += 1);
    const late = () => view !== open || mine !== turn;
    body.setAttribute('aria-busy', 'true');
    dueAt = Date.now() + POLL_MS;
    try {
      const asked = board ? null : period(chosen, house);
      const answer = await session.ask(board ? BOARD : REPORT, board ? { id: board.id } : { period: asked.input });
      if (late()) return;
      const at = (board ? answer.data.dashboardData : answer.data.revenueReport)?.asOf;
      const days = asked && span(asked.days.start, asked.days.end);
      const stamp = at ? clock(at, house.timeZone) : '';
      body.replaceChildren(...(board ? boardView(answer) : reportView(answer, stamp)).filter(Boolean));
      when.replaceChildren([days, at ? `as of ${stamp}` : null].filter(Boolean).join(' · '));
      say(`${title} was updated.`);
    } catch (error) {
      if (late() || !house) return;
      body.replaceChildren(note(error.message, 'wrong'), el('button', { type: 'button', on: { click: () => load() } }, 'Try again'));
    } finally {
      if (!late()) body.setAttribute('aria-busy', 'false');
    }
  }
  reload = load;
  load();
  if (board) follow(board.id, view, load);
}

let reload = () => {};

const skeleton = () => el('div', { class: 'grid', 'aria-hidden': 'true' }, [1, 1, 1, 1, 4, 2, 2].map((size) => el('div', { class: `card ghost w${size}` })));

// A dashboard tells when it may show something else. After a lost connection it is asked again; where none comes about, the
// page waits longer each time, and is asked now and then all the same.
async function follow(id, view, load) {
  const mine = new AbortController();
  following = mine;
  let wait = AGAIN_MS;
  while (view === open && house) {
    const begun = Date.now();
    try {
      await session.follow(CHANGED, { id }, mine.signal, () => {
        if (view === open) load();
      });
    } catch {
      // asked again below
    }
    if (mine.signal.aborted) return;
    const lasted = Date.now() - begun > LASTED_MS;
    wait = lasted ? AGAIN_MS : Math.min(wait * 2, POLL_MS);
    await new Promise((done) => { setTimeout(done, wait); });
    if (lasted && view === open && house && !document.hidden) load();
  }
}

// What nobody looks at is not asked; who comes back sees what is new.
setInterval(() => {
  if (house && !document.hidden && Date.now() > dueAt) reload();
}, 5_000);
document.addEventListener('visibilitychange', () => {
  if (house && !document.hidden && Date.now() > dueAt) reload();
});

signedOut('');
