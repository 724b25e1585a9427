// What part of the plane is in sight. Places on the plane go from -1 to 1, y upwards; places on the
// screen are pixels, y downwards.

const FARTHEST_OUT = 0.7; // zoom, where 1 shows the whole map
const CLOSEST = 400;

class View {
  constructor(half) {
    this.half = half;
    this.x = 0;
    this.y = 0;
    this.zoom = 1;
  }

  // covered: pixels on the left that lie under the panel.
  resize(width, height, covered = 0) {
    this.width = Math.max(width, 1);
    this.height = Math.max(height, 1);
    this.middle = [(this.width + covered) / 2, this.height / 2];
    const [x, y] = this.half;
    this.fit = 0.92 * Math.min((this.width - covered) / (2 * x), this.height / (2 * y));
  }

  // The same view through a window that reaches further on every side, by pixels.
  reaching(beyondSides, beyondEnds) {
    const wider = Object.assign(new View(this.half), this);
    wider.width += 2 * beyondSides;
    wider.height += 2 * beyondEnds;
    wider.middle = [this.middle[0] + beyondSides, this.middle[1] + beyondEnds];
    return wider;
  }

  // Pixels for a unit of the plane.
  get scale() {
    return this.fit * this.zoom;
  }

  toScreen(x, y) {
    const [middle, centre] = this.middle;
    return [middle + (x - this.x) * this.scale, centre - (y - this.y) * this.scale];
  }

  toPlane(left, top) {
    const [middle, centre] = this.middle;
    return [this.x + (left - middle) / this.scale, this.y - (top - centre) / this.scale];
  }

  pan(right, down) {
    this.x -= right / this.scale;
    this.y += down / this.scale;
    this.stayNear();
  }

  // Zoom, so that the place under a point of the screen stays there.
  zoomAt(left, top, factor) {
    const [x, y] = this.toPlane(left, top);
    this.zoom = Math.min(Math.max(this.zoom * factor, FARTHEST_OUT), CLOSEST);
    const [newX, newY] = this.toPlane(left, top);
    this.x += x - newX;
    this.y += y - newY;
    this.stayNear();
  }

  stayNear() {
    const [x, y] = this.half;
    this.x = Math.min(Math.max(this.x, -x), x);
    this.y = Math.min(Math.max(this.y, -y), y);
  }

  // The view that shows all of these words, without coming closer than is good for orientation.
  around(data, words, closest) {
    const xs = words.map((word) => data.x[word]);
    const ys = words.map((word) => data.y[word]);
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [low, high] = [Math.min(...ys), Math.max(...ys)];
    const wide = (0.5 * this.width) / Math.max(right - left, 1e-6);
    const tall = (0.5 * this.height) / Math.max(high - low, 1e-6);
    const zoom = Math.min(Math.max(Math.min(wide, tall) / this.fit, 1), closest);
    return { x: (left + right) / 2, y: (low + high) / 2, zoom };
  }

  // The matrix of the renderer, whose own plane is as high as the window, from -1 to 1.
  matrix() {
    const scale = this.scale / (this.height / 2);
    const right = (2 * this.middle[0] - this.width) / this.height - this.x * scale;
    return [scale, 0, 0, 0, 0, scale, 0, 0, 0, 0, 1, 0, right, -this.y * scale, 0, 1];
  }
}

// Moves a view to a target within a third of a second, or at once where motion is not wanted.
class Flight {
  constructor(view, changed) {
    this.view = view;
    this.changed = changed;
    this.number = 0;
  }

  stop() {
    this.number += 1;
  }

  to(target) {
    this.stop();
    const { view, number } = this;
    const start = { x: view.x, y: view.y, zoom: view.zoom };
    const began = performance.now();
    const lasts = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 350;
    const step = (now) => {
      if (number !== this.number) return;
      const done = lasts ? Math.min(Math.max((now - began) / lasts, 0), 1) : 1;
      const eased = 1 - (1 - done) ** 3;
      view.zoom = start.zoom * (target.zoom / start.zoom) ** eased;
      // A place moves evenly on the screen only if it moves unevenly on the plane.
      const grown = target.zoom / start.zoom;
      const share = Math.abs(grown - 1) < 1e-6 ? eased : (1 - grown ** -eased) / (1 - 1 / grown);
      view.x = start.x + (target.x - start.x) * share;
      view.y = start.y + (target.y - start.y) * share;
      this.changed();
      if (done < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
}
