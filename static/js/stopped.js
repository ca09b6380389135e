// Does money move? `/ws/me/` says when that changes; what stands above the page is asked for anew.
import { showToast } from "./toast.js";

const ASKED = { credentials: "same-origin", redirect: "error" }; // to sign in, for one
const SPREAD_MS = 1500; // not everybody's page asks in the same moment

export function followStop() {
  setTimeout(() => { refresh().catch(() => {}); }, Math.random() * SPREAD_MS);
}

async function refresh() {
  const place = document.querySelector("[data-stop]");
  if (!place) return;
  const answer = await fetch("/stop-notice/", ASKED);
  if (!answer.ok) return;
  const words = await answer.text();
  const ended = place.childElementCount > 0 && !words.trim();
  place.innerHTML = words; // escaped where it was made
  if (ended) showToast({ kind: "success", text: "Money moves again." });
}
