// Pointers, the wheel and the keyboard.

const CLICK_SLACK = 5; // pixels that a pointer may move in a click
const KEY_STEP = 80; // pixels that an arrow key moves the map
const KEY_ZOOM = 1.5;
const REACH = { mouse: 12, touch: 24 }; // pixels from a point that still hit it

class Pointers {
  // actions: pan, zoomAt, hover(left, top, reach), leave, click(left, top, reach), began, ended.
  constructor(stage, actions) {
    this.stage = stage;
    this.actions = actions;
    this.down = new Map();
    stage.addEventListener("pointerdown", (event) => this.press(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.release(event));
    stage.addEventListener("pointercancel", (event) => this.lift(event));
    stage.addEventListener("pointerleave", () => actions.leave());
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("dblclick", (event) => actions.zoomAt(event.offsetX, event.offsetY, 2));
  }

  press(event) {
    if (event.button !== 0) return;
    this.actions.began();
    this.stage.setPointerCapture(event.pointerId);
    this.stage.focus({ preventScroll: true });
    this.down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.moved = this.down.size > 1 ? Infinity : 0;
  }

  move(event) {
    const last = this.down.get(event.pointerId);
    if (!last) {
      this.actions.hover(event.offsetX, event.offsetY, REACH.mouse);
      return;
    }
    const others = [...this.down].filter(([id]) => id !== event.pointerId);
    const [right, down] = [event.offsetX - last.x, event.offsetY - last.y];
    if (others.length) {
      const [, other] = others[0];
      const before = Math.hypot(last.x - other.x, last.y - other.y);
      const after = Math.hypot(event.offsetX - other.x, event.offsetY - other.y);
      this.actions.zoomAt((event.offsetX + other.x) / 2, (event.offsetY + other.y) / 2, after / Math.max(before, 1));
      this.actions.pan(right / 2, down / 2);
    } else {
      this.moved += Math.hypot(right, down);
      if (this.moved > CLICK_SLACK) this.actions.pan(right, down);
    }
    this.down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  }

  // Whether a pointer that was down is up.
  lift(event) {
    const wasDown = this.down.delete(event.pointerId);
    if (wasDown && !this.down.size) this.actions.ended();
    return wasDown;
  }

  release(event) {
    if (!this.lift(event)) return;
    if (this.moved <= CLICK_SLACK) {
      this.actions.click(event.offsetX, event.offsetY, REACH[event.pointerType] ?? REACH.mouse);
    }
  }

  wheel(event) {
    event.preventDefault();
    this.actions.began();
    const lines = event.deltaMode === 1 ? 20 : 1;
    const steps = Math.min(Math.max(event.deltaY * lines, -200), 200);
    this.actions.zoomAt(event.offsetX, event.offsetY, 2 ** (-steps * (event.ctrlKey ? 0.01 : 0.0025)));
  }
}

// actions: pan, zoom(factor), whole, clear, search.
function listenToKeys(actions) {
  const keys = {
    ArrowLeft: () => actions.pan(KEY_STEP, 0),
    ArrowRight: () => actions.pan(-KEY_STEP, 0),
    ArrowUp: () => actions.pan(0, KEY_STEP),
    ArrowDown: () => actions.pan(0, -KEY_STEP),
    "+": () => actions.zoom(KEY_ZOOM),
    "=": () => actions.zoom(KEY_ZOOM),
    "-": () => actions.zoom(1 / KEY_ZOOM),
    0: () => actions.whole(),
    "/": () => actions.search(),
    Escape: () => actions.clear(),
  };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches?.("input, textarea");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
}
