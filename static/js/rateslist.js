// Which rows does the person see, and in which order? Filter, favourites, sorting, moving by keys.
import { addFavourite, removeFavourite } from "./me.js";
import { showToast } from "./toast.js";

const signedIn = () => Boolean(document.documentElement.dataset.signedIn);
const starOf = (line) => line.querySelector("[data-favourite]");
const isStarred = (line) => starOf(line).getAttribute("aria-pressed") === "true";

const NEXT_SORT = { none: "ascending", ascending: "descending", descending: "none" };
const KEYS = {
  name: (line) => line.dataset.code,
  price: (line) => shownNumber(line.querySelector('[data-cell="price"]')),
  change: (line) => shownNumber(line.querySelector(".chg")),
};

function shownNumber(cell) {
  const text = cell?.textContent.replace("\u2212", "-").replace(/[^\d.-]/g, "");
  return text ? Number(text) : NaN;
}

export class RatesList {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("[data-filter]");
    this.starsOnly = root.querySelector("[data-favourites-only]");
    this.lines = [...root.querySelectorAll("tr[data-code]")];
    this.lines.forEach((line, place) => { line.dataset.place = place; });
    this.input.addEventListener("input", () => this.filter());
    this.input.addEventListener("keydown", (event) => this.leaveInput(event));
    this.input.form.addEventListener("submit", (event) => event.preventDefault());
    this.starsOnly.addEventListener("click", () => this.toggleStarsOnly());
    root.addEventListener("click", (event) => this.click(event));
  }

  click(event) {
    const star = event.target.closest("[data-favourite]");
    const heading = event.target.closest("[data-sort]");
    if (star) this.toggleFavourite(star.closest("tr"));
    if (heading) this.sort(heading);
    if (event.target.closest("[data-filter-clear]")) {
      event.preventDefault();
      this.clear();
    }
  }

  filter() {
    const wanted = this.input.value.trim().toLocaleLowerCase();
    const starred = this.starsOnly.getAttribute("aria-pressed") === "true";
    for (const line of this.lines) {
      const words = `${line.dataset.code} ${line.dataset.name}`.toLocaleLowerCase();
      line.hidden = !words.includes(wanted) || (starred && !isStarred(line));
    }
    for (const head of this.root.querySelectorAll("[data-group-head]")) {
      const group = this.root.querySelector(`[data-group="${head.dataset.groupHead}"]`);
      head.hidden = ![...group.rows].some((line) => !line.hidden);
    }
    this.root.querySelector("[data-nothing]").hidden = this.visible().length > 0;
  }

  clear() {
    this.input.value = "";
    this.starsOnly.setAttribute("aria-pressed", "false");
    this.filter();
  }

  toggleStarsOnly() {
    if (!signedIn()) return askToSignIn();
    const pressed = this.starsOnly.getAttribute("aria-pressed") === "true";
    this.starsOnly.setAttribute("aria-pressed", String(!pressed));
    return this.filter();
  }

  leaveInput(event) {
    if (event.key === "Escape") {
      this.input.value = "";
      this.filter();
      this.input.blur();
    }
    if (event.key === "Enter") this.visible()[0]?.querySelector("[data-open]").focus();
  }

  async toggleFavourite(line) {
    if (!signedIn()) return askToSignIn();
    const { code } = line.dataset;
    const on = !isStarred(line);
    starOf(line).setAttribute("aria-pressed", String(on));
    const answer = await (on ? addFavourite(code) : removeFavourite(code)).catch(() => null);
    if (answer?.ok) return undefined;
    starOf(line).setAttribute("aria-pressed", String(!on));
    return showToast({ kind: "error", text: `Your favourites have not changed: ${code}.` });
  }

  sort(button) {
    const heading = button.closest("th");
    const next = NEXT_SORT[heading.getAttribute("aria-sort") ?? "none"];
    const sorted = this.root.querySelectorAll("th[aria-sort]");
    sorted.forEach((other) => other.removeAttribute("aria-sort"));
    if (next !== "none") heading.setAttribute("aria-sort", next);
    const place = (line) => Number(line.dataset.place);
    const key = next === "none" ? place : KEYS[button.dataset.sort];
    const way = next === "descending" ? -1 : 1;
    for (const group of this.root.querySelectorAll("[data-group]")) {
      group.append(...[...group.rows].sort((a, b) => way * compare(key(a), key(b))));
    }
  }

  visible() {
    return [...this.root.querySelectorAll("tr[data-code]")].filter((line) => !line.hidden);
  }

  focused() {
    return document.activeElement?.closest?.("tr[data-code]") ?? null;
  }

  move(step) {
    const lines = this.visible();
    const here = lines.indexOf(this.focused());
    const next = here < 0 ? 0 : Math.min(lines.length - 1, Math.max(0, here + step));
    lines[next]?.querySelector("[data-open]").focus();
  }
}

function compare(a, b) {
  if (typeof a === "string") return a.localeCompare(b);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
  return a - b;
}

function askToSignIn() {
  showToast({
    text: "Favourites are kept with your account.",
    action: { label: "Sign in", href: "/accounts/login/?next=/" },
  });
}
