// From answers of the API to what stands on the page.
import { bars, line, pace, stack, waterfall } from './charts.js';
import { card, el, figures, note, table } from './draw.js';
import { count, day, money, share, span, unitOf, value, words } from './format.js';

const WITHHELD = 'Withheld: it rests on too few records, or on people, that you may not see.';
const number = (text) => (text === null || text === undefined ? null : Number(text));
// What has no value because nothing is missing any more says so; what has none for another reason does not.
const told = (result, short = true) =>
  result.withheld ? 'withheld' : result.value === null && result.targetMet ? 'reached'
    : value(result.value, unitOf(result.metric), result.currency, short);
// A count or share of something that is withheld where it is null.
const hidden = (given, shown) => (given === null || given === undefined ? 'withheld' : shown(given));

// What stands in the place of a part that failed.
const failed = (title, size, message) => card(title, null, size, note(message, 'wrong'));

function unconverted(result) {
  if (!result?.unconverted?.length) return null;
  const left = result.unconverted.map((one) => `${money(one.amount)} in ${count(one.count)}`).join(', ');
  return note(`Without a rate of exchange, left out: ${left}.`);
}

// --- single figures

function tile(title, result, beside, message) {
  if (!result) return el('div', { class: 'tile' }, el('h3', {}, title), el('p', { class: 'big none' }, '–'), note(message ?? 'There is nothing to show.'));
  return el('div', { class: 'tile' }, el('h3', {}, title),
    el('p', { class: result.withheld || result.value === null ? 'big none' : 'big', title: result.withheld ? WITHHELD : told(result, false) }, told(result)),
    el('p', { class: 'note' }, result.withheld ? 'Too few records to tell you.' : beside));
}

const of = (result) => (result?.n === null || result?.n === undefined ? '' : `${count(result.n)} ${result.n === 1 ? 'record' : 'records'}`);

function growth(result) {
  if (result?.withheld) return 'growth is withheld';
  if (!result || result.value === null) return 'no period before to compare with';
  const up = Number(result.value) >= 0;
  return el('span', { class: up ? 'up' : 'down' }, `${up ? '▲' : '▼'} ${share(Math.abs(Number(result.value)))} `, el('span', {}, 'on the period before'));
}

// --- charts

const SHORT = new Set(['MQL', 'SAL', 'SQL']);

function funnelCard(title, funnel, size) {
  const rows = funnel.steps.filter((step) => step.cohort).map((step) => {
    const { reached, open, ofStepBefore, ofCohort } = step.cohort;
    return {
      label: SHORT.has(step.step) ? step.step : words(step.step),
      number: reached,
      shown: reached === null ? 'withheld' : count(reached),
      beside: ofStepBefore?.value === null || ofStepBefore?.value === undefined ? '' : share(ofStepBefore.value),
      more: [share(ofStepBefore?.value), share(ofCohort?.value), hidden(open, count), hidden(step.flow.entries, count)],
    };
  });
  const heads = ['Step', 'Reached', 'Of the step before', 'Of all', 'May still', 'Came in the period'];
  return card(title, 'Those who began in the period, and how far they have come. In percent: of the step before.', size, bars(title, rows, heads));
}

const TONES = { START: 'whole', END: 'whole', INCREASED: 'plus', DECREASED: 'minus' };

function waterfallCard(title, moves, size) {
  let sum = 0;
  const named = { NEW: 'New', PULLED_IN: 'Pulled in', PUSHED_OUT: 'Pushed out' };
  const some = moves.buckets.some((bucket) => bucket.withheld);
  const columns = moves.buckets.map((bucket) => {
    const amount = number(bucket.amount?.amount) ?? 0;
    const from = bucket.sign === 0 ? 0 : sum;
    const to = bucket.sign === 0 ? amount : sum + bucket.sign * amount;
    sum = to;
    const sign = bucket.sign > 0 ? '+' : bucket.sign < 0 ? '−' : '';
    return {
      from, to, tone: TONES[bucket.key] ?? (bucket.key === 'WON' ? 'won' : bucket.sign > 0 ? 'plus' : 'minus'),
      label: named[bucket.key] ?? words(bucket.key), count: bucket.withheld ? 'withheld' : count(bucket.count),
      shown: bucket.withheld ? 'withheld' : amount === 0 ? money(bucket.amount) : sign + money(bucket.amount),
      exact: bucket.withheld ? 'withheld' : sign + money(bucket.amount, false),
      none: bucket.sign !== 0 && amount === 0 && !bucket.withheld,
    };
  }).filter((column) => !column.none);
  return card(title, 'From what was open at the start to what is open now; what was won leaves the pipeline too.', size,
    waterfall(title, columns, (mark) => money({ amount: mark, currency: moves.currency })),
    some ? note(`Parts that are not drawn: ${columns.filter((column) => column.exact === 'withheld').map((column) => column.label).join(', ')}. ${WITHHELD}`) : null);
}

const SURE = { CLOSED: 'won', COMMIT: 's1', BEST_CASE: 's2', PIPELINE: 's3' };

function forecastCard(title, forecast, size) {
  const drawn = forecast.parts.filter((part) => part.category !== 'OMITTED');
  const amount = (given) => number(given?.amount) ?? 0;
  const shown = (given) => (given ? money(given) : 'withheld');
  const parts = [
    { label: 'Won', number: amount(forecast.won), shown: shown(forecast.won), tone: 'won' },
    ...drawn.map((part) => ({ label: words(part.category), number: amount(part.amount), shown: shown(part.amount), beside: part.cumulative ? `${money(part.cumulative)} with what is surer` : '', tone: SURE[part.category] ?? 's3' })),
  ];
  const exact = (given) => hidden(given, (given) => money(given, false));
  const rows = [
    ['Won', exact(forecast.won), exact(forecast.won), '–', hidden(forecast.wonCount, count)],
    ...forecast.parts.map((part) => [words(part.category), exact(part.amount), exact(part.cumulative), part.submitted ? money(part.submitted, false) : '–', hidden(part.count, count)]),
    ['Weighted by chance', exact(forecast.weighted), '–', '–', '–'],
  ];
  const mark = forecast.weighted ? { label: 'Weighted', number: amount(forecast.weighted), shown: money(forecast.weighted) } : null;
  return card(title, 'What was won and what is open for the period, the surest first.', size, stack(title, parts, mark, rows));
}

const PACE = { AHEAD: ['good', 'Ahead'], ON_TRACK: ['good', 'On track'], AT_RISK: ['warn', 'At risk'], OFF_TRACK: ['bad', 'Off track'], NOT_STARTED: ['calm', 'Not started'] };

function goalBody(title, goal) {
  const shown = (text, short = true) => value(text, goal.unit, goal.currency, short);
  const [tone, status] = PACE[goal.status] ?? ['calm', goal.withheld ? 'Withheld' : 'No value'];
  const label = `${title}: ${shown(goal.actual)} of ${shown(goal.target)}, ${shown(goal.expected)} expected by ${day(goal.day)}. ${status}.`;
  const numbers = { baseline: number(goal.baseline), target: number(goal.target), actual: number(goal.actual), expected: number(goal.expected), tone };
  return [
    el('p', { class: 'row' }, el('b', { class: goal.actual === null ? 'big none' : 'big' }, goal.withheld ? 'withheld' : shown(goal.actual)),
      el('span', {}, `of ${shown(goal.target)}`), el('span', { class: `chip ${tone}` }, status)),
    pace(label, numbers),
    el('p', { class: 'note' }, goal.withheld ? WITHHELD
      : `${shown(goal.expected)} expected by ${day(goal.day)}${goal.paceRatio === null ? '' : `, pace ${share(goal.paceRatio)}`}. ${
        goal.daysLeft > 0 ? `${count(goal.daysLeft)} days left${goal.requiredPerDay === null ? '' : `: ${shown(goal.requiredPerDay)} a day needed`}.` : 'Over.'}`),
    figures(title, ['', 'Value'], [
      ['Reached', shown(goal.actual, false)], ['Expected by now', shown(goal.expected, false)], ['Target', shown(goal.target, false)],
      ['Stretch', shown(goal.stretch, false)], ['At this pace', shown(goal.projected, false)],
      ['Needed each day', shown(goal.requiredPerDay, false)], ['Pace', share(goal.paceRatio)],
    ]),
  ];
}

// --- the revenue report

const PROMISE = {
  VOLUME: (one) => `Leads brought as far as ${one.leadStatus ?? 'agreed'}, each ${(one.span ?? 'period').toLowerCase()}`,
  QUALITY: () => 'Leads that sales accepts',
  SPEED: () => 'Leads answered in time',
  DEPTH: () => 'Attempts before giving up',
};

function promises(sides) {
  const row = (promise) => {
    const [tone, due] = promise.withheld ? ['calm', 'Withheld'] : promise.owed === null || promise.outOf === 0 ? ['calm', 'Nothing due']
      : promise.owed === 0 ? ['good', 'Kept'] : ['bad', `${count(promise.owed)} short`];
    const wanted = Number(promise.promisedShare) < 1 ? `${share(promise.promisedShare)} promised` : null;
    const kept = promise.kept === null ? null : `${count(promise.kept)} of ${count(promise.outOf)} due`;
    const all = promise.promised ? `${count(promise.promised)} promised in all` : null;
    return el('li', {}, el('span', {}, PROMISE[promise.kind](promise)), el('span', { class: `chip ${tone}` }, due),
      el('span', { class: 'note' }, [kept, promise.share === null ? null : share(promise.share), wanted, all].filter(Boolean).join(' · ')));
  };
  const side = (one) => {
    const other = one.side === 'MARKETING' ? 'sales' : 'marketing';
    const verdict = one.owes === null ? `Whether it owes ${other} something is withheld.` : one.owes ? `Owes ${other}.` : `Owes ${other} nothing.`;
    return el('div', { class: 'side' }, el('h4', {}, words(one.side)), el('p', { class: one.owes ? 'owes' : 'about' }, verdict),
      one.commitments.length ? el('ul', { class: 'promises' }, one.commitments.map(row)) : note('No promise is in force.'));
  };
  return card('What both sides owe each other', 'Marketing promised leads and their quality, sales promised speed and persistence.', 4, el('div', { class: 'sides' }, sides.map(side)));
}

export function reportView(body, days) {
  const report = body.data.revenueReport;
  if (!report) return [note(body.errors?.[0]?.message ?? 'You may not read figures: this needs the permission METRIC_READ.', 'wrong')];
  const why = (part) => body.errors?.find((error) => error.path?.[1] === part)?.message;
  const title = new Map((body.data.goals?.nodes ?? []).map((goal) => [goal.id, goal.agreement?.title]));
  const part = (name, heading, size, draw) =>
    report[name] ? draw(heading, report[name], size) : why(name) ? failed(heading, size, why(name)) : null;
  const p50 = report.responseTimeP50;
  return [
    el('section', { class: 'tiles', 'aria-label': 'In short' },
      tile('Revenue', report.revenue, growth(report.revenueGrowth), why('revenue')),
      tile('Win rate', report.winRate, of(report.winRate), why('winRate')),
      tile('New pipeline', report.pipelineCreated, of(report.pipelineCreated), why('pipelineCreated')),
      tile('Coverage of what is missing', report.coverage, report.coverage?.targetMet ? 'The target is reached.' : report.weightedCoverage ? `${told(report.weightedCoverage)} weighted by chance` : '', why('coverage') ?? 'No revenue goal for this period.'),
      tile('Velocity', report.velocity, of(report.velocity), why('velocity')),
      tile('Leads answered in time', report.slaAttainment, p50 ? `half within ${told(p50)}` : '', why('slaAttainment'))),
    unconverted(report.revenue),
    el('div', { class: 'grid' },
      report.goals.length ? card('Shared goals', `As of ${days}. The tick is what is expected by now, the line at the end the target.`, 4,
        el('div', { class: 'goals' }, report.goals.map((goal) => (goal
          ? el('div', { class: 'goalcard' }, el('h4', {}, title.get(goal.goalId) ?? words(goal.metric)), goalBody(title.get(goal.goalId) ?? words(goal.metric), goal))
          : note('One goal cannot be measured: a rate of exchange is missing.', 'wrong'))))) : null,
      part('waterfall', 'How the pipeline moved', 4, waterfallCard),
      part('funnel', 'From lead to sale', 2, funnelCard),
      part('forecast', 'Forecast', 2, forecastCard),
      report.sides?.length ? promises(report.sides) : null),
  ];
}

// --- saved dashboards

const name = (key) => key.map((part) => part.name ?? (part.word ? wordOf(part) : 'None')).join(' · ');
const FREE = new Set(['SOURCE', 'COMPETITOR', 'INDUSTRY', 'COUNTRY', 'REGION']);
const wordOf = (part) => (FREE.has(part.dimension) ? part.word : words(part.word));

function groupRows(result) {
  const unit = unitOf(result.metric);
  const shown = (group, short) => (group.withheld ? 'withheld' : value(group.value, unit, result.currency, short));
  return result.groups.map((group) => ({
    group, label: name(group.key), number: group.withheld ? null : number(group.value),
    shown: shown(group, true), exact: shown(group, false), more: [count(group.n)],
  })).sort((a, b) => (b.number ?? -1) - (a.number ?? -1));
}

const WIDE = { WATERFALL: 4, FUNNEL: 2, FORECAST: 2, LINE: 2, BAR: 2, TABLE: 2, GOAL: 2, NUMBER: 1 };
const MOST_BARS = 12;

const VIEWS = {
  NUMBER: (widget, about, size) => {
    const result = widget.metric;
    return card(widget.title, about, `${size} number`,
      el('p', { class: result.withheld || result.value === null ? 'big none' : 'big', title: result.withheld ? WITHHELD : told(result, false) }, told(result)),
      el('p', { class: 'note' }, result.withheld ? 'Too few records to tell you.' : of(result)), unconverted(result));
  },
  BAR: (widget, about, size) => {
    const rows = groupRows(widget.metric);
    const heads = [words(widget.metric.groups[0]?.key[0]?.dimension ?? 'group'), 'Value', 'Records'];
    const left = rows.length - MOST_BARS;
    return card(widget.title, about, size, rows.length ? bars(widget.title, rows.slice(0, MOST_BARS), heads) : note('There is nothing in this period.'),
      left > 0 ? [note(`The ${MOST_BARS} largest of ${count(rows.length)}.`), figures(`All of ${widget.title}`, heads, rows.map((row) => [row.label, row.exact, ...row.more]))] : null,
      unconverted(widget.metric));
  },
  TABLE: (widget, about, size) => {
    const rows = groupRows(widget.metric);
    const heads = [(widget.metric.groups[0]?.key ?? []).map((part) => words(part.dimension)).join(' · ') || 'Group', 'Value', 'Records'];
    return card(widget.title, about, size, rows.length ? table(widget.title, heads, rows.map((row) => [row.label, row.exact, ...row.more])) : note('There is nothing in this period.'));
  },
  LINE: (widget, about, size) => {
    const unit = widget.points[0] ? unitOf(widget.points[0].result.metric) : 'COUNT';
    const currency = widget.points[0]?.result.currency;
    const months = widget.points.length > 1 && Date.parse(widget.points.at(-2).end) - Date.parse(widget.points.at(-2).start) > 26 * 86_400_000;
    const points = widget.points.map((point) => ({
      label: day(point.start, months ? { month: 'short' } : { day: 'numeric', month: 'short' }),
      number: point.result.withheld ? null : number(point.result.value),
      shown: told(point.result), exact: told(point.result, false),
    }));
    return card(widget.title, about, size, points.some((point) => point.number !== null)
      ? line(widget.title, points, (mark) => value(mark, unit, currency)) : note('There is nothing to draw in this period.'));
  },
  FUNNEL: (widget, about, size) => funnelCard(widget.title, widget.funnel, size),
  WATERFALL: (widget, about, size) => waterfallCard(widget.title, widget.waterfall, size),
  FORECAST: (widget, about, size) => forecastCard(widget.title, widget.forecast, size),
  GOAL: (widget, about, size, titles) => {
    const title = titles.get(widget.goal.goalId);
    return card(title ?? widget.title, title ? widget.title : about, size, goalBody(title ?? widget.title, widget.goal));
  },
};

export function boardView(body) {
  const data = body.data.dashboardData;
  if (!data) return [note(body.errors?.[0]?.message ?? 'This dashboard is not shared with you any more.', 'wrong')];
  const titles = new Map((body.data.goals?.nodes ?? []).map((goal) => [goal.id, goal.agreement?.title]));
  const one = (widget) => {
    const size = widget.width ?? WIDE[widget.draw] ?? 2;
    const about = widget.start ? span(widget.start, widget.end) : null;
    if (widget.error) return failed(widget.title, size, widget.error.message);
    return VIEWS[widget.draw]?.(widget, about, size, titles) ?? failed(widget.title, size, 'This page is too old to draw it.');
  };
  return [
    data.dashboard?.description ? el('p', { class: 'about lead' }, data.dashboard.description) : null,
    el('div', { class: 'grid' }, data.widgets.map(one)),
  ];
}
