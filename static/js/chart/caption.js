// What has to be said about the drawing? How it is drawn, what is missing, and why.
import { spoken } from "./zone.js";

const GAPS_NAMED = 3;
const PARTIAL = " Indicators leave out candles of too few minutes.";

function line(name, text) {
  const element = document.createElement("p");
  element.dataset.note = name;
  element.textContent = text;
  return element;
}

// The newest gaps by their times; why, once, where all have one reason.
function gapWords({ gaps, interval }) {
  const shown = gaps.slice(-GAPS_NAMED);
  const alike = new Set(shown.map(({ reason }) => reason)).size === 1;
  const spans = shown.map(({ start, end, reason }) => {
    const why = alike || !reason ? "" : ` (${reason})`;
    return `${spoken(start, interval)} to ${spoken(end, interval)}${why}`;
  });
  const more = gaps.length - shown.length;
  const count = gaps.length === 1 ? "1 gap" : `${gaps.length} gaps`;
  const why = alike && shown[0].reason ? `. Why: ${shown[0].reason}` : "";
  const rest = more > 0 ? `, and ${more} earlier` : "";
  const unused = gaps.some(({ reason }) => reason.startsWith("only")) ? PARTIAL : "";
  return `${count}, marked by a dashed line: ${spans.join("; ")}${rest}${why}.${unused}`;
}

export function fillCaption(box, { history, drawn, compared, volumeOn }) {
  const notes = [];
  if (history.simulated) {
    notes.push(line("simulated", "Simulated market: these candles are not market prices."));
  }
  if (history.isFixed) {
    const how = drawn === "line" ? ", so it is drawn as a line" : "";
    notes.push(line("fixing", `Daily fixing of the ECB: one price a day${how}.`));
  }
  if (volumeOn && !history.hasVolume) {
    notes.push(line("volume", "No volume: no source of these candles gives it."));
  }
  if (history.coming && !history.isBare) {
    notes.push(line("coming", "The past is being made; it appears here by itself."));
  }
  if (history.gaps.length) notes.push(line("gaps", gapWords(history)));
  if (compared) {
    const other = compared.symbol.replace("-", "/");
    notes.push(line("compare", `Against ${other}, in percent since the first candle in view.`));
  }
  box.replaceChildren(...notes);
}
