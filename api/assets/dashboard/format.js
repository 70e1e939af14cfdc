// Values as people read them, and days of the organisation. Amounts come as exact decimal text; they are rounded here for
// the eye alone and never added up.

const LANGUAGE = navigator.language || 'en';

const made = new Map();
function intl(options) {
  const key = JSON.stringify(options);
  if (!made.has(key)) made.set(key, new Intl.NumberFormat(LANGUAGE, options));
  return made.get(key);
}

const SECOND_UNITS = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]];

// `short` for charts and tiles, else to the last digit that is known.
export function value(text, unit, currency, short = true) {
  if (text === null || text === undefined) return '–';
  const number = Number(text);
  const compact = short && Math.abs(number) >= 10_000 ? { notation: 'compact', maximumFractionDigits: 1 } : {};
  switch (unit) {
    case 'RATIO':
      return intl({ style: 'percent', maximumFractionDigits: short ? 1 : 4 }).format(number);
    case 'MULTIPLE':
      return `${intl({ maximumFractionDigits: 2 }).format(number)}×`;
    case 'MONEY':
    case 'MONEY_PER_DAY': {
      const whole = short ? { maximumFractionDigits: compact.notation ? 1 : 0, minimumFractionDigits: 0 } : {};
      const amount = intl({ style: 'currency', currency, ...compact, ...whole }).format(short ? number : text);
      return unit === 'MONEY' ? amount : `${amount}/day`;
    }
    case 'SECONDS': {
      const [name, each] = SECOND_UNITS.find(([, each]) => Math.abs(number) >= each) ?? SECOND_UNITS[3];
      return intl({ style: 'unit', unit: name, unitDisplay: 'long', maximumFractionDigits: 1 }).format(number / each);
    }
    case 'DAYS':
      return intl({ style: 'unit', unit: 'day', unitDisplay: 'long', maximumFractionDigits: 1 }).format(number);
    case 'MONTHS':
      return intl({ style: 'unit', unit: 'month', unitDisplay: 'long', maximumFractionDigits: 1 }).format(number);
    default:
      return intl({ maximumFractionDigits: short ? 1 : 6, ...compact }).format(number);
  }
}

// Metrics that are shares of more than one: how often something covers what is needed.
const MULTIPLES = new Set(['PIPELINE_COVERAGE', 'PIPELINE_COVERAGE_WEIGHTED', 'CLV_TO_CAC', 'FOLLOW_UP_DEPTH']);
export const unitOf = (metric) => (MULTIPLES.has(metric.key) ? 'MULTIPLE' : metric.unit);

export const count = (number) => (number === null || number === undefined ? '–' : intl({}).format(number));
export const share = (number) => value(number, 'RATIO');
export const money = (amount, short = true) => value(amount?.amount, 'MONEY', amount?.currency, short);

// BEST_CASE -> Best case
export function words(constant) {
  const text = constant.toLowerCase().replaceAll('_', ' ');
  return text[0].toUpperCase() + text.slice(1);
}

export const clock = (instant, timeZone) =>
  new Intl.DateTimeFormat(LANGUAGE, { hour: '2-digit', minute: '2-digit', timeZone }).format(new Date(instant));

// A calendar day, e.g. "2026-07-01", whatever the reader's zone.
export function day(text, options = { day: 'numeric', month: 'short' }) {
  return new Intl.DateTimeFormat(LANGUAGE, { ...options, timeZone: 'UTC' }).format(new Date(`${text}T00:00:00Z`));
}

// From the first day up to the day before the one that it ends with.
export function span(start, end) {
  const last = new Date(Date.parse(`${end}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
  const full = { day: 'numeric', month: 'short', year: 'numeric' };
  if (start === last) return day(start, full);
  return `${day(start, start.slice(0, 4) === last.slice(0, 4) ? undefined : full)} – ${day(last, full)}`;
}

const pad = (number) => String(number).padStart(2, '0');
const first = (year, month) => {
  const at = new Date(Date.UTC(year, month, 1));
  return `${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-01`;
};

// The wall clock of a zone at an instant, as if it were UTC's.
function wall(instant, timeZone) {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(instant);
  const at = Object.fromEntries(parts.map((part) => [part.type, Number(part.value)]));
  return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second);
}

// When a day begins in a zone.
export function begins(text, timeZone) {
  const wanted = Date.parse(`${text}T00:00:00Z`);
  let instant = wanted;
  for (let turn = 0; turn < 3; turn += 1) instant += wanted - wall(instant, timeZone);
  return new Date(instant).toISOString();
}

export const PERIODS = [
  ['this-quarter', 'This quarter'], ['last-quarter', 'Last quarter'], ['this-month', 'This month'],
  ['last-month', 'Last month'], ['this-year', 'This year'], ['last-year', 'Last year'],
];

// Days of a period where the organisation is: quarters and years begin with its own year.
export function period(name, house, now = Date.now()) {
  const here = new Date(wall(now, house.timeZone));
  const [year, month] = [here.getUTCFullYear(), here.getUTCMonth()];
  const since = (month - (house.fiscalYearStartMonth - 1) + 12) % 12;
  const [back, size] = name.endsWith('month') ? [0, 1] : name.endsWith('year') ? [since, 12] : [since % 3, 3];
  const start = month - back - (name.startsWith('last') ? size : 0);
  const days = { start: first(year, start), end: first(year, start + size) };
  return { days, input: { start: begins(days.start, house.timeZone), end: begins(days.end, house.timeZone) } };
}
