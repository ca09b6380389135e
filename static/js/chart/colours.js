// Which colour is a token on a canvas? Tokens are OKLCH, which canvas libraries do not parse:
// each is resolved to rgba through one pixel, once per theme.
const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
let known = new Map();

function resolve(token) {
  const style = getComputedStyle(document.documentElement);
  probe.canvas.width = probe.canvas.height = 1;
  probe.fillStyle = style.getPropertyValue(token).trim();
  probe.fillRect(0, 0, 1, 1);
  return probe.getImageData(0, 0, 1, 1).data;
}

export function colour(token, alpha = 1) {
  if (!known.has(token)) known.set(token, resolve(token));
  const [r, g, b] = known.get(token);
  return `rgba(${r},${g},${b},${alpha})`;
}

// Tell `act` whenever the theme changes, by the person's choice or the system's.
export function onTheme(act) {
  const root = document.documentElement;
  new MutationObserver(() => {
    known = new Map();
    act();
  }).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
}
