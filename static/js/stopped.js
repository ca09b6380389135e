// Does money move? `/ws/me/` says when that changes; what stands above the page is asked for anew.
import { showToast } from "./toast.js";

const ASKED = { credentials: "same-origin", redirect: "error" }; // to sign in, for one
const SPREAD_MS = 1500; // not everybody's page asks in the same moment
const AGAIN_MS = 2000; // where no answer came; twice as long each time
const AGAIN_MAX_MS = 60_000;

let planned = 0;

export function followStop(wait = 0) {
  clearTimeout(planned);
  const again = Math.min(2 * wait || AGAIN_MS, AGAIN_MAX_MS);
  const ask = () => { refresh().catch(() => followStop(again)); };
  planned = setTimeout(ask, wait + Math.random() * Math.max(wait, SPREAD_MS));
}

async function refresh() {
  const place = document.querySelector("[data-stop]");
  if (!place) return;
  const answer = await fetch("/stop-notice/", ASKED);
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  const words = await answer.text();
  const ended = place.childElementCount > 0 && !words.trim();
  place.innerHTML = words; // escaped where it was made
  if (ended) showToast({ kind: "success", text: "Money moves again." });
}
