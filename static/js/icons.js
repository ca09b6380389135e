// Where is the icon sprite? The page knows its hashed address from any icon it already shows.
const shown = document.querySelector('use[href*="icons"]')?.getAttribute("href") ?? "";
const SHEET = shown.split("#")[0];

export function icon(name, size = "i-sm") {
  const holder = document.createElement("template");
  const use = `<use href="${SHEET}#${name}"/>`;
  holder.innerHTML = `<svg class="i ${size}" aria-hidden="true">${use}</svg>`;
  return holder.content.firstChild;
}
