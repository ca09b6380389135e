// Where are candles missing? The time axis leaves holes out, so a gap is a dashed line with a
// cap between its neighbours; what it is stands in words under the chart.
import { colour } from "./colours.js";

const DASH = [3, 3];

export class GapLines {
  constructor() {
    this.edges = []; // places of the candles left of a gap
  }

  attached({ chart, requestUpdate }) {
    Object.assign(this, { chart, requestUpdate });
  }

  show(edges) {
    this.edges = edges;
    this.requestUpdate?.();
  }

  updateAllViews() {}

  paneViews() {
    const draw = (target) => target.useMediaCoordinateSpace((scope) => this.draw(scope));
    return [{ zOrder: () => "bottom", renderer: () => ({ draw }) }];
  }

  draw({ context, mediaSize }) {
    const scale = this.chart.timeScale();
    const half = scale.options().barSpacing / 2;
    context.strokeStyle = colour("--warn", 0.75);
    context.fillStyle = colour("--warn", 0.09);
    context.lineWidth = 1;
    context.setLineDash(DASH);
    for (const place of this.edges) {
      const x = scale.timeToCoordinate(place);
      if (x === null || x < -half || x > mediaSize.width) continue;
      context.fillRect(x + half - 3, 0, 6, mediaSize.height);
      context.beginPath();
      context.moveTo(Math.round(x + half) + 0.5, 0);
      context.lineTo(Math.round(x + half) + 0.5, mediaSize.height);
      context.stroke();
    }
  }
}
