// How is a price's state marked? The same badges as tradingsite/marks.py.
import { age, clockTime, day, shortDay } from "./figures.js";
import { icon } from "./icons.js";

const LOOKS = {
  live: "live",
  reference: "ref",
  delayed: "delayed",
  stale: "stale",
  closed: "closed",
  simulated: "sim",
};
const ICONS = {
  reference: "landmark",
  delayed: "timer",
  stale: "clock-alert",
  closed: "moon",
  simulated: "flask-conical",
};
const SAID = {
  reference: "Daily reference rate of the European Central Bank",
  delayed: "This source publishes late",
  stale: "No fresh price: not tradable",
  closed: "The market is closed",
};
const REASONS = { price_disputed: "the sources disagree" };

function fixing(asOf, now) {
  return `ECB ${day(asOf) === day(now) ? clockTime(asOf).slice(0, 5) : shortDay(asOf)}`;
}

function markText(row, now) {
  if (!row.as_of) return "no price";
  if (row.state === "closed") return "closed";
  const asOf = new Date(row.as_of);
  if (row.state === "reference") return fixing(asOf, now);
  return age((now - asOf) / 1000) ?? shortDay(asOf);
}

function markTitle(row) {
  const live = row.source ? `Live, from ${row.source}` : "Live";
  const said = SAID[row.state] ?? live;
  const why = REASONS[row.reason] ?? row.reason;
  const whole = why && !said.includes(why) ? `${said}: ${why}` : said;
  return row.simulated ? `Simulated, not a market price. ${whole}` : whole;
}

// Paint one badge; the element itself stays, so that nothing moves.
export function paintMark(badge, row, now) {
  const kind = row.simulated ? "simulated" : row.state;
  badge.className = `bdg bdg-${LOOKS[kind] ?? "closed"}`;
  badge.title = markTitle(row);
  const picture = badge.firstElementChild;
  if (badge.dataset.kind !== kind) {
    badge.dataset.kind = kind;
    picture.replaceWith(ICONS[kind] ? icon(ICONS[kind], "i-xs") : dot());
  }
  badge.querySelector("[data-age]").textContent = markText(row, now);
}

function dot() {
  const span = document.createElement("span");
  span.className = "dot";
  return span;
}
