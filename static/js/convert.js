// The conversion ticket: which side is exact, when to ask for a rate, how long it is held.
import { onKey } from "./keys.js";
import "./picker.js";

const TYPING_MS = 450;
const WARN_S = 5;
const ticket = document.getElementById("ticket");
const box = document.getElementById("quote");
const field = (name) => ticket.elements.namedItem(name);
let typing = null;
let ring = null;

const sumOf = (side) => field(`amount_${side}`);
const workedOut = () => sumOf(field("side").value === "from" ? "to" : "from");

// Until the answer is there the old result is dimmed, and nothing is accepted at it.
function wait(is) {
  box.inert = is;
  box.ariaBusy = is;
  for (const sum of [sumOf("from"), sumOf("to")]) sum.ariaBusy = is && sum === workedOut();
}

function noMoreTyping() {
  clearTimeout(typing);
  typing = null;
}

function ask(event) {
  noMoreTyping();
  stopRing();
  wait(true);
  ticket.dispatchEvent(new CustomEvent(event));
}

function sideIs(side) {
  field("side").value = side;
  const words = side === "to" ? "To" : "From";
  document.querySelector("[data-side-note]").textContent =
    `You typed the ${words} side, so it stays exact`;
}

function askSoon(event) {
  sideIs(event.target.dataset.side);
  noMoreTyping();
  if (event.target.value.trim() === "") return say("unquoted-note");
  stopRing();
  wait(true);
  typing = setTimeout(() => ask("amount-changed"), TYPING_MS);
}

function hasAmount() {
  return sumOf(field("side").value).value.trim() !== "";
}

function showPair() {
  for (const select of ticket.querySelectorAll("[data-currency]")) {
    const shown = select.parentElement.querySelector("[data-coin]");
    const picture = document.querySelector(`template[data-coin-of="${select.value}"]`);
    shown.replaceChildren(picture.content.cloneNode(true));
  }
  const code = field("from").value;
  const line = document.querySelector(`[data-give="${code}"]`);
  document.querySelector("[data-available-shown]").textContent = line?.dataset.shown ?? "0";
  for (const one of document.querySelectorAll("[data-give]")) {
    one.toggleAttribute("aria-current", one === line);
    one.classList.toggle("bg-page", one === line);
  }
}

function pairChanged(changed) {
  const other = changed.name === "from" ? field("to") : field("from");
  if (other.value === changed.value) other.value = changed.dataset.before;
  for (const one of [changed, other]) one.dataset.before = one.value;
  showPair();
  document.body.dispatchEvent(new CustomEvent("pair-changed"));
  if (hasAmount()) ask("amount-changed");
}

function choose(code) {
  field("from").value = code;
  pairChanged(field("from"));
}

// The exact amount stays exact and keeps its currency: it changes sides with it.
function swap() {
  const [from, to] = [field("from").value, field("to").value];
  const exact = field("side").value;
  const amount = sumOf(exact).value;
  const side = exact === "from" ? "to" : "from";
  field("from").value = to;
  field("to").value = from;
  sumOf(exact).value = "";
  sumOf(side).value = amount;
  sideIs(side);
  pairChanged(field("from"));
}

function useAll() {
  const line = document.querySelector(`[data-give="${field("from").value}"]`);
  if (!line) return;
  field("amount_from").value = line.dataset.shown;
  sideIs("from");
  ask("amount-changed");
}

function stopRing() {
  cancelAnimationFrame(ring);
  ring = null;
}

function announce(quote, words) {
  quote.querySelector("[data-announce]").textContent = words;
}

function lookAgain(address) {
  htmx.ajax("GET", address, { target: "#quote" }).catch(() => say("offline-note"));
}

// Seconds are counted from the moment the answer arrived: this machine's clock may be wrong.
function startRing(quote) {
  const ends = performance.now() + Number(quote.dataset.seconds) * 1000;
  const lifetime = Number(quote.dataset.lifetime);
  const drawing = quote.querySelector("[data-ring]");
  const value = drawing.querySelector(".ring-v");
  const number = drawing.querySelector("text");
  let shown = null;
  const draw = () => {
    const left = Math.max(0, (ends - performance.now()) / 1000);
    value.setAttribute("stroke-dasharray", `${Math.min(100, (left / lifetime) * 100)} 100`);
    if (Math.ceil(left) !== shown) {
      shown = Math.ceil(left);
      number.textContent = shown;
      drawing.classList.toggle("ring-late", shown <= WARN_S);
      if (shown === WARN_S) announce(quote, `The rate is held for ${WARN_S} more seconds.`);
    }
    if (left > 0) ring = requestAnimationFrame(draw);
    else lookAgain(quote.dataset.gone);
  };
  draw();
}

// The side that is worked out says nothing while there is no rate for what was typed.
function forgetResult() {
  workedOut().value = "";
}

function quoted() {
  stopRing();
  wait(false);
  const quote = box.querySelector("[data-quote]");
  if (!quote) return forgetResult();
  const { amountFrom, amountTo } = quote.dataset;
  workedOut().value = field("side").value === "from" ? amountTo : amountFrom;
  return startRing(quote);
}

// No rate stands any more, nor does one that is on its way: only the note does.
function say(note) {
  htmx.trigger(ticket, "htmx:abort");
  box.replaceChildren(document.getElementById(note).content.cloneNode(true));
  quoted();
}

function confirm() {
  const form = box.querySelector("[data-accept]");
  if (form && !box.inert) form.requestSubmit();
}

ticket.addEventListener("input", (event) => {
  if (event.target.dataset.side) askSoon(event);
});
ticket.addEventListener("change", (event) => {
  if ("currency" in event.target.dataset) pairChanged(event.target);
});
ticket.addEventListener("submit", noMoreTyping);
document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-give], [data-swap], [data-use-all]");
  if (!target) return;
  event.preventDefault();
  if (target.dataset.give) choose(target.dataset.give);
  if ("swap" in target.dataset) swap();
  if ("useAll" in target.dataset) useAll();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) confirm();
});
// A second press must not send a second request; the server would answer it with the first anyway.
box.addEventListener("submit", (event) => {
  if (!("accept" in event.target.dataset)) return;
  stopRing();
  const button = event.target.querySelector("button");
  setTimeout(() => { button.disabled = true; });
});
// An answer that comes while somebody types is of what stood there before; where the site is too
// busy to answer, its page of that is no part of the ticket.
box.addEventListener("htmx:beforeSwap", (event) => {
  const { status } = event.detail.xhr;
  const isBusy = status === 429 || status >= 500;
  if (typing || isBusy) event.detail.shouldSwap = false;
  if (isBusy && !typing) say("offline-note");
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === box) quoted();
});
for (const unheard of ["htmx:sendError", "htmx:timeout"]) {
  ticket.addEventListener(unheard, () => say("offline-note"));
}
for (const select of ticket.querySelectorAll("[data-currency]")) {
  select.dataset.before = select.value;
}
onKey("x", swap);
quoted();
// Coming with an amount, from the calculator: the rate is asked for at once.
addEventListener("load", () => {
  if (hasAmount() && !box.querySelector("[data-quote], [role=alert]")) ask("amount-changed");
});
