// The chart as a file: what is drawn, with its name, time and sources, as a PNG.
import { clockTime, day } from "../figures.js";
import { colour } from "./colours.js";

const BAND = 34;
const MARGIN = 12;

export function savePicture(canvas, { title, note }) {
  const drawn = canvas.chart.takeScreenshot(true, false);
  const ratio = drawn.width / canvas.box.clientWidth;
  const sheet = document.createElement("canvas");
  sheet.width = drawn.width;
  sheet.height = drawn.height + 2 * BAND * ratio;
  const paper = sheet.getContext("2d");
  paper.fillStyle = colour("--surface");
  paper.fillRect(0, 0, sheet.width, sheet.height);
  paper.drawImage(drawn, 0, BAND * ratio);
  paper.scale(ratio, ratio);
  write(paper, title, { y: BAND - MARGIN, font: "600 14px", token: "--ink" });
  const now = new Date();
  const zone = document.documentElement.dataset.zone || "UTC";
  const foot = `${note} ${day(now)}, ${clockTime(now)} ${zone}. Charts by TradingView.`;
  write(paper, foot, { y: sheet.height / ratio - MARGIN, font: "11px", token: "--ink3" });
  sheet.toBlob((blob) => download(blob, `${title.replace(/[^\w]+/g, "-")}.png`), "image/png");
}

function write(paper, text, { y, font, token }) {
  paper.font = `${font} "Inter Variable", sans-serif`;
  paper.fillStyle = colour(token);
  paper.fillText(text, MARGIN, y);
}

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
