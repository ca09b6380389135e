// Does this browser's session still hold? `/ws/me/` says so by staying open; refused twice it does
// not, and the page makes way for the sign-in page, which says why. Once is not enough: a session
// gets a new id when its person has proved again who they are, and this page's socket had the old.
import { followStop } from "./stopped.js";

const REFUSED = 4401;
const WAITS_S = [1, 2, 4, 8, 16, 30, 60];
const AGAIN_S = 1; // after a first refusal
const LEAVING_MS = 10_000; // a page that is being left, to sign out for one, is not turned away

let failures = 0;
let refusals = 0;
let leftAt = -Infinity;
let mayHaveMissed = false;

export function watchSession() {
  addEventListener("beforeunload", () => { leftAt = performance.now(); });
  connect();
}

function connect() {
  const address = new URL("/ws/me/", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  socket.onmessage = ({ data }) => {
    failures = refusals = 0;
    heard(JSON.parse(data).type);
  };
  socket.onclose = ({ code }) => closed(code);
}

// A socket that came late, came back or fell behind may have missed it.
function heard(type) {
  if (type === "stop" || type === "missed" || (type === "ready" && mayHaveMissed)) followStop();
  mayHaveMissed = true;
}

function closed(code) {
  mayHaveMissed = true;
  if (code === REFUSED) refusals += 1;
  if (refusals < 2) later(code === REFUSED ? AGAIN_S : wait());
  else if (performance.now() - leftAt < LEAVING_MS) later(LEAVING_MS / 1000);
  else location.replace(`/accounts/login/?${new URLSearchParams({ ended: "1", next: here() })}`);
}

const here = () => location.pathname + location.search;
const later = (seconds) => setTimeout(connect, seconds * (0.8 + 0.4 * Math.random()) * 1000);

function wait() {
  failures += 1;
  return WAITS_S[Math.min(failures, WAITS_S.length) - 1];
}
