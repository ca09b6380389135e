// How are figures written? The same rules as tradingsite/templatetags/figures.py.

export const THIN = "\u2009";
const FIXED = "\u00a0";
const MINUS = "\u2212";
export const MISSING = "—";

const STEPS = {
  crypto: [[1000, 2], [100, 2], [10, 3], [1, 4]],
  fiat: [[1000, 2], [20, 3]],
};

export function grouped(number, decimals, space = THIN) {
  const [whole, part] = Math.abs(number).toFixed(decimals).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, space) + (part ? `.${part}` : "");
  return number < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

export function priceDecimals(price, kind) {
  const size = Math.abs(price);
  if (size === 0) return 5;
  if (size < 0.1) return 4 - Math.floor(Math.log10(size));
  const step = STEPS[kind === "crypto" ? "crypto" : "fiat"].find(([least]) => size >= least);
  return step ? step[1] : 5;
}

const hasTenth = (decimals, kind) => kind !== "crypto" && decimals >= 3;

// Head, pips and tenth of a pip of a price given as text.
export function priceParts(text, kind) {
  const price = Number(text);
  const decimals = priceDecimals(price, kind);
  const whole = grouped(price, decimals);
  const end = whole.length - (hasTenth(decimals, kind) ? 1 : 0);
  return [whole.slice(0, end - 2), whole.slice(end - 2, end), whole.slice(end)];
}

export function rate(text, kind) {
  return text === null ? MISSING : grouped(Number(text), priceDecimals(Number(text), kind));
}

export function rateShort(text, kind) {
  if (text === null) return MISSING;
  const decimals = priceDecimals(Number(text), kind);
  return grouped(Number(text), hasTenth(decimals, kind) ? decimals - 1 : decimals);
}

export function percent(text) {
  const shown = Number(Number(text).toFixed(2));
  const way = shown === 0 ? "flat" : shown > 0 ? "up" : "down";
  const sign = way === "up" ? "+" : "";
  return { way, text: `${sign}${grouped(way === "flat" ? 0 : shown, 2)}${THIN}%` };
}

export function age(seconds) {
  const past = Math.max(0, seconds);
  if (past < 9.95) return `${past.toFixed(1)}${FIXED}s`;
  if (past < 60) return `${Math.floor(past)}${FIXED}s`;
  if (past < 3600) return `${Math.floor(past / 60)}${FIXED}min`;
  if (past < 86400) return `${Math.floor(past / 3600)}${FIXED}h`;
  return null;
}

// Times are in the zone the page was written in, which it names once.
const timeZone = globalThis.document?.documentElement.dataset.zone || "UTC";
const DAY = new Intl.DateTimeFormat("en-US", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone,
});
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone });

function dayParts(date) {
  return Object.fromEntries(DAY.formatToParts(date).map(({ type, value }) => [type, value]));
}

export function day(date) {
  const { weekday, day: number, month, year } = dayParts(date);
  return `${weekday} ${number} ${month} ${year}`;
}

export function shortDay(date) {
  const { day: number, month, year } = dayParts(date);
  return year === dayParts(new Date()).year ? `${number} ${month}` : `${number} ${month} ${year}`;
}

export const clockTime = (date) => CLOCK.format(date);

export function span(minutes) {
  const whole = Math.max(0, Math.floor(minutes));
  const [days, hours, rest] = [Math.floor(whole / 1440), Math.floor(whole / 60) % 24, whole % 60];
  if (days) return `${days}${FIXED}d ${hours}${FIXED}h`;
  return hours ? `${hours}${FIXED}h ${rest}${FIXED}min` : `${rest}${FIXED}min`;
}
