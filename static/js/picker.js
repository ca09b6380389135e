// Choosing a currency from a list with names and balances; the native list stays the field.
const dialog = document.querySelector("[data-picker]");
const filter = dialog.querySelector("[data-picker-filter]");
const items = [...dialog.querySelectorAll("[data-choose]")];
let select = null;

function narrow() {
  const wanted = filter.value.trim().toLowerCase();
  for (const item of items) item.parentElement.hidden = !item.dataset.words.includes(wanted);
  const found = items.some((item) => !item.parentElement.hidden);
  dialog.querySelector("[data-picker-none]").hidden = found;
}

function open(forSelect) {
  select = forSelect;
  dialog.querySelector("[data-picker-title]").textContent =
    select.name === "from" ? "What do you give?" : "What do you get?";
  for (const item of items) item.setAttribute("aria-current", item.dataset.choose === select.value);
  filter.value = "";
  narrow();
  dialog.showModal();
  filter.focus();
}

function choose(code) {
  dialog.close();
  if (select.value === code) return;
  select.value = code;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

function step(by) {
  const shown = items.filter((item) => !item.parentElement.hidden);
  const place = shown.indexOf(document.activeElement) + by;
  (place < 0 ? filter : shown[Math.min(place, shown.length - 1)])?.focus();
}

document.addEventListener("pointerdown", (event) => {
  if (!event.target.matches?.("[data-currency]")) return;
  event.preventDefault();
  open(event.target);
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-currency]") || event.ctrlKey || event.metaKey) return;
  if (!["Enter", " ", "ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  open(event.target);
});
filter.addEventListener("input", narrow);
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  }
  if (event.key === "Enter" && event.target === filter) {
    event.preventDefault();
    items.find((item) => !item.parentElement.hidden)?.click();
  }
});
dialog.addEventListener("click", (event) => {
  const item = event.target.closest("[data-choose]");
  if (item) choose(item.dataset.choose);
  else if (event.target === dialog || event.target.closest("[data-picker-close]")) dialog.close();
});
dialog.addEventListener("close", () => select?.focus());
