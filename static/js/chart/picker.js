// Which indicators does the person want? A dialog: what is on the chart with its parameters,
// and all there are, with what each means.
import { labelOf } from "./studies.js";

const STUDIES_MAX = 8;
const NEXT_LENGTH = 2.5; // of a second one of a kind: 20 is followed by 50

export class Picker {
  constructor(dialog, { catalog, onChange }) {
    Object.assign(this, { dialog, catalog, onChange, chosen: [] });
    this.list = dialog.querySelector("[data-chosen]");
    this.none = dialog.querySelector("[data-chosen-none]");
    this.filter = dialog.querySelector("[data-study-filter]");
    this.row = dialog.querySelector("[data-chosen-row]");
    this.field = dialog.querySelector("[data-chosen-field]");
    dialog.addEventListener("click", (event) => this.click(event));
    this.list.addEventListener("change", ({ target }) => this.edit(target));
    this.filter.addEventListener("input", () => this.narrow());
  }

  open(chosen) {
    this.chosen = structuredClone(chosen);
    this.filter.value = "";
    this.narrow();
    this.draw();
    this.dialog.showModal();
  }

  narrow() {
    const wanted = this.filter.value.trim().toLowerCase();
    const items = [...this.dialog.querySelectorAll("[data-add]")];
    for (const item of items) item.parentElement.hidden = !item.dataset.words.includes(wanted);
    const found = items.some((item) => !item.parentElement.hidden);
    this.dialog.querySelector("[data-study-none]").hidden = found;
  }

  click(event) {
    const add = event.target.closest("[data-add]");
    const remove = event.target.closest("[data-remove]");
    if (add) this.add(add.dataset.add);
    if (remove) this.remove(Number(remove.closest("li").dataset.place));
    const closes = event.target === this.dialog || event.target.closest("[data-picker-close]");
    if (closes) this.dialog.close();
  }

  find(name) {
    return this.catalog.find((study) => study.name === name);
  }

  add(name) {
    if (this.chosen.length >= STUDIES_MAX) return;
    const study = this.find(name);
    const parameters = Object.fromEntries(
      study.parameters.map((one) => [one.name, String(one.default)]),
    );
    const first = study.parameters[0];
    const twins = this.chosen.filter((one) => one.name === name).length;
    if (twins && first?.whole) {
      const length = Math.min(Number(first.high), Math.round(first.default * NEXT_LENGTH ** twins));
      parameters[first.name] = String(length);
    }
    if (!twins || first) this.chosen.push({ name, parameters });
    this.apply();
    this.list.lastElementChild?.querySelector("input, button").focus();
  }

  remove(place) {
    this.chosen.splice(place, 1);
    this.apply();
    (this.list.querySelector("button") ?? this.filter).focus();
  }

  // A number outside its bounds is brought back into them, visibly.
  edit(input) {
    const place = Number(input.closest("li").dataset.place);
    const { min, max, step } = input;
    const given = Number(input.value.replace(",", "."));
    const near = Math.min(Number(max), Math.max(Number(min), given || Number(min)));
    input.value = String(step === "1" ? Math.round(near) : near);
    this.chosen[place].parameters[input.name] = input.value;
    this.chosen[place] = { ...this.chosen[place] };
    this.onChange(this.chosen);
  }

  apply() {
    this.draw();
    this.onChange(this.chosen);
  }

  draw() {
    this.none.hidden = this.chosen.length > 0;
    this.list.replaceChildren(...this.chosen.map((one, place) => this.line(one, place)));
    const full = this.chosen.length >= STUDIES_MAX;
    for (const add of this.dialog.querySelectorAll("[data-add]")) add.disabled = full;
    this.dialog.querySelector("[data-full]").hidden = !full;
  }

  line({ name, parameters }, place) {
    const study = this.find(name);
    const row = this.row.content.firstElementChild.cloneNode(true);
    row.dataset.place = place;
    row.querySelector("[data-name]").textContent = study.title;
    const label = `Remove ${labelOf(study, parameters)}`;
    row.querySelector("[data-remove]").setAttribute("aria-label", label);
    const fields = study.parameters.map((one) => this.number(study, one, parameters[one.name]));
    row.querySelector("[data-fields]").append(...fields);
    return row;
  }

  number(study, { name, title, default: usual, low, high, whole }, value) {
    const field = this.field.content.firstElementChild.cloneNode(true);
    field.querySelector("span").textContent = title;
    const input = field.querySelector("input");
    Object.assign(input, { name, min: low, max: high, step: whole ? "1" : "any" });
    input.value = value ?? String(usual);
    input.setAttribute("aria-label", `${title} of ${study.title}, ${low} to ${high}`);
    return field;
  }
}
