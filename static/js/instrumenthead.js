// How does the price above the chart move? The board's stream, of which one row is shown here.
import { clockTime, rate } from "./figures.js";
import { addFavourite, removeFavourite } from "./me.js";
import { RatesTable } from "./ratestable.js";
import { BoardStream } from "./stream.js";
import { showToast } from "./toast.js";
import { startVoices } from "./voices.js";

const NOTICE_AFTER_MS = 2000;

export function startHead(root) {
  const table = new RatesTable(root);
  const { base, name } = root.dataset;
  const code = root.querySelector("[data-code]").dataset.code;
  const notice = root.querySelector("[data-reconnecting]");
  const title = document.title;
  let downSince = null;
  let lastFrameAt = table.now();
  let quiet = true;
  let { state } = root.dataset;

  // The notice of a state, and whether the calculator's rate can be had, change with it.
  function showState(now) {
    for (const one of root.querySelectorAll("[data-when]")) one.hidden = one.dataset.when !== now;
    root.querySelector("[data-calculator]").dispatchEvent(new Event("input"));
    state = now;
  }

  const stream = new BoardStream({
    base,
    now: () => table.now(),
    onFrame(frame) {
      const { rows, type } = frame;
      table.hear(frame);
      lastFrameAt = Date.parse(frame.now ?? frame.as_of);
      const own = rows?.filter((row) => row.code === code) ?? [];
      if (own.length === 0) return;
      table.take(own, { quiet: quiet || type === "snapshot" });
      quiet = false;
      root.querySelector("[data-simulated]").hidden = !table.isSimulated();
    },
    onUp() {
      downSince = null;
      quiet = true;
      notice.hidden = true;
    },
    onDown() { downSince ??= Date.now(); },
  });

  function tick() {
    const row = table.row(code);
    if (row) {
      const [, ...rest] = title.split(" · ");
      document.title = [`${name} ${rate(row.price, row.kind)}`, ...rest].join(" · ");
      if (row.state !== state) showState(row.state);
    }
    table.tick();
    if (downSince === null || Date.now() - downSince < NOTICE_AFTER_MS) return;
    const last = clockTime(lastFrameAt);
    notice.querySelector("[data-reconnecting-last]").textContent = `Last price ${last}.`;
    notice.hidden = false;
  }

  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-reconnect-now]")) stream.now();
    const star = event.target.closest("[data-favourite]");
    if (star) toggleFavourite(star);
  });
  addEventListener("pagehide", () => stream.drop());
  addEventListener("pageshow", (event) => { if (event.persisted) stream.now(); });
  stream.start();
  setInterval(tick, 1000);
  startVoices(() => root, () => table.now());
}

async function toggleFavourite(star) {
  const { favourite: code } = star.dataset;
  if (!document.documentElement.dataset.signedIn) {
    const action = { label: "Sign in", href: `/accounts/login/?next=${location.pathname}` };
    return showToast({ text: "Favourites are kept with your account.", action });
  }
  const on = star.getAttribute("aria-pressed") !== "true";
  star.setAttribute("aria-pressed", String(on));
  const answer = await (on ? addFavourite(code) : removeFavourite(code)).catch(() => null);
  if (answer?.ok) return undefined;
  star.setAttribute("aria-pressed", String(!on));
  return showToast({ kind: "error", text: `Your favourites have not changed: ${code}.` });
}
