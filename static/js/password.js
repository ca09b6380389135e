// What helps with a password? Looking at it, and a word on how hard it is to guess.

const STEPS = [
  { words: "12 characters or more; a few words do well.", bars: 0 },
  { words: "Too short yet.", bars: 1 },
  { words: "Enough. Longer is better.", bars: 2 },
  { words: "Good.", bars: 3 },
  { words: "Strong.", bars: 4 },
];
const COLOURS = ["p-line", "p-warn", "p-up"];

function step(password) {
  if (!password) return 0;
  if (password.length < 12) return 1;
  const kinds = new Set(password.toLowerCase()).size;
  const worth = Math.min(password.length, kinds * 2);
  if (worth < 14) return 2;
  return worth < 20 ? 3 : 4;
}

function draw(meter, password) {
  const { words, bars } = STEPS[step(password)];
  const colour = bars < 2 ? "p-warn" : "p-up";
  meter.querySelectorAll("rect").forEach((bar, index) => {
    bar.classList.remove(...COLOURS);
    bar.classList.add(index < bars ? colour : "p-line");
  });
  meter.querySelector("[data-meter-words]").textContent = words;
}

for (const meter of document.querySelectorAll("[data-meter]")) {
  const field = document.getElementById(meter.dataset.meter);
  field.addEventListener("input", () => draw(meter, field.value));
}

for (const button of document.querySelectorAll("[data-show-password]")) {
  const field = document.getElementById(button.dataset.showPassword);
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
}
