// The sheet that the map is drawn on. It reaches beyond the window on every side, so that a map that
// is dragged is moved and not drawn again. It is one opaque canvas: a browser without a graphics card
// spends most of a frame on putting transparent layers together.

const REACH_BEYOND = 0.25; // share of the window that is drawn beyond each side
const MOST_PIXELS = 16e6; // of the sheet; some browsers give no larger canvas

class Sheet {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.view = null; // what the whole sheet shows
    this.moved = [0, 0]; // pixels that it was moved since it was drawn
  }

  resize(view) {
    const ratio = devicePixelRatio;
    const growth = Math.sqrt(MOST_PIXELS / (view.width * view.height)) / ratio;
    const share = Math.min(Math.max((growth - 1) / 2, 0), REACH_BEYOND);
    this.beyond = [view.width, view.height].map((side) => Math.floor(side * share * ratio) / ratio);
    const { width, height } = view.reaching(...this.beyond);
    this.canvas.width = Math.ceil(width * ratio);
    this.canvas.height = Math.ceil(height * ratio);
    this.canvas.style.width = `${this.canvas.width / ratio}px`;
    this.canvas.style.height = `${this.canvas.height / ratio}px`;
    this.view = null;
  }

  // Draw anew, with a function that gets the context and the view of the whole sheet.
  draw(view, paint) {
    this.view = view.reaching(...this.beyond);
    this.context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paint(this.context, this.view);
    this.canvas.hidden = false;
    this.move(0, 0);
  }

  // Move the sheet to show a view; false where it does not hold all of it.
  follow(view) {
    if (this.view?.zoom !== view.zoom) return false;
    const right = (this.view.x - view.x) * view.scale;
    const down = (view.y - this.view.y) * view.scale;
    if (Math.abs(right) > this.beyond[0] || Math.abs(down) > this.beyond[1]) return false;
    this.move(right, down);
    return true;
  }

  // By whole pixels of the screen, so that letters stay sharp.
  move(right, down) {
    this.moved = [right, down].map((way) => Math.round(way * devicePixelRatio) / devicePixelRatio);
    const [left, top] = this.origin;
    this.canvas.style.transform = `translate(${left}px, ${top}px)`;
  }

  // Where its corner lies in the window.
  get origin() {
    return [this.moved[0] - this.beyond[0], this.moved[1] - this.beyond[1]];
  }
}
