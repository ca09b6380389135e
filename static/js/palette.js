// Where can the person jump to? Ctrl or ⌘ K: pages, currencies and charts, filtered while typing.
import { icon } from "./icons.js";

const SHOWN_MAX = 12;
let dialog = null;
let places = [];

function pages() {
  return [...document.querySelectorAll("[data-go], [data-jump]")].map((link) => ({
    label: link.dataset.jump || link.textContent.trim(),
    hint: link.dataset.go ? `g ${link.dataset.go}` : "",
    href: link.href,
    icon: "arrow-right",
  }));
}

async function listed(what) {
  const answer = await fetch(`/api/v1/${what}/`).catch(() => null);
  return answer?.ok ? (await answer.json()).results : [];
}

async function markets() {
  const [currencies, instruments] = await Promise.all(["currencies", "instruments"].map(listed));
  const names = new Map(currencies.map(({ code, name }) => [code, name]));
  return [
    ...currencies.map(({ code, name }) => ({
      label: `${code} ${name}`, hint: "on the board", href: `/?q=${code}`, icon: "wallet",
    })),
    ...instruments.map(({ base, quote }) => ({
      label: `${base}/${quote} ${names.get(base)} in ${names.get(quote)}`,
      hint: "chart",
      href: `/instruments/${base}-${quote}/`,
      icon: "chart-candlestick",
    })),
  ];
}

const unique = (list) => [...new Map(list.map((place) => [place.href, place])).values()];

function matching(text) {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ label }) => words.every((word) => label.toLocaleLowerCase().includes(word));
  const starts = ({ label }) => label.toLocaleLowerCase().startsWith(words[0] ?? "");
  const found = places.filter(fits);
  return [...found.filter(starts), ...found.filter((one) => !starts(one))].slice(0, SHOWN_MAX);
}

function option(place, index) {
  const item = document.createElement("a");
  item.id = `jump-${index}`;
  item.href = place.href;
  item.className = "drop-item";
  item.setAttribute("role", "option");
  const [label, hint] = ["span", "span"].map((tag) => document.createElement(tag));
  label.textContent = place.label;
  hint.textContent = place.hint;
  hint.className = "hint ml-auto";
  item.append(icon(place.icon), label, hint);
  return item;
}

function show(input, list) {
  const found = matching(input.value);
  list.replaceChildren(...found.map(option));
  dialog.querySelector("[data-none]").hidden = found.length > 0;
  choose(input, list, 0);
}

function choose(input, list, index) {
  const items = [...list.children];
  items.forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
  items[index]?.scrollIntoView({ block: "nearest" });
  if (items[index]) input.setAttribute("aria-activedescendant", items[index].id);
  else input.removeAttribute("aria-activedescendant");
}

function onKey(event, input, list) {
  const items = [...list.children];
  const here = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && items.length > 0) choose(input, list, (here + step + items.length) % items.length);
  if (event.key === "Enter") items[here]?.click();
  if (step || event.key === "Enter") event.preventDefault();
}

function build() {
  dialog = document.getElementById("palette").content.firstElementChild.cloneNode(true);
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  input.addEventListener("input", () => show(input, list));
  input.addEventListener("keydown", (event) => onKey(event, input, list));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  return { input, list };
}

let parts = null;

export async function open() {
  parts ??= build();
  places = unique([...pages(), ...places]);
  parts.input.value = "";
  if (!dialog.open) dialog.showModal();
  show(parts.input, parts.list);
  if (places.some(({ href }) => href.includes("?q="))) return;
  places = unique([...places, ...(await markets())]);
  show(parts.input, parts.list);
}
