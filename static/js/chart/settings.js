// How does this person like charts? Kept with the account, for strangers in the browser.
import { patchMe } from "../me.js";
import { recall, remember } from "../memory.js";

const PAUSE_MS = 600;
const USUAL = {
  interval: "", kind: "auto", log: false, volume: true, events: true, compare: "", studies: [],
};
const signedIn = () => Boolean(document.documentElement.dataset.signedIn);

function kept(own) {
  if (signedIn()) return own;
  try {
    return JSON.parse(recall("chart")) ?? {};
  } catch {
    return {}; // written by something else: start anew
  }
}

export class Settings {
  constructor(own) {
    this.values = { ...USUAL, ...kept(own) };
    if (!Array.isArray(this.values.studies)) this.values.studies = [];
  }

  change(fields) {
    Object.assign(this.values, fields);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), PAUSE_MS);
  }

  keep() {
    const said = Object.entries(this.values).filter(([, value]) => value !== "");
    const settings = Object.fromEntries(said);
    if (!signedIn()) return remember("chart", JSON.stringify(settings));
    return patchMe({ chart: { ...settings, compare: this.values.compare } }).catch(() => {});
  }
}
