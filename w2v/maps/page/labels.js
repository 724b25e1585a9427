// Which words have a label at which zoom.
//
// Zoom has levels, two for each doubling. On every level the common words come first; a word gets a
// label where no label stands yet, and keeps it on all closer levels, so labels only ever appear as
// one comes closer, and do not flicker as one pans. All labels stand at the same distance from their
// points, so labels that are apart on a level stay apart at every closer zoom.

const LABEL_RISE = 7; // pixels from a point to the foot of its label
const LABEL_SIZES = [11, 12, 13.5, 16, 19]; // pixels, for rare to common words
const LABEL_GAP = 5;
const LABEL_CELL = 96; // pixels, of the grid in which labels are looked for
const PIXELS_EACH = 700; // of the window, for each word that is considered when all are in sight
const FONT = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';

function labelFont(size) {
  return `${size >= 16 ? 600 : 500} ${size}px ${FONT}`;
}

class Labels {
  constructor(data, context) {
    this.data = data;
    this.context = context;
    this.widths = new Float32Array(data.count);
    this.texts = new Array(data.count);
  }

  sizeOf(word) {
    const place = Math.floor(this.data.weight[word] ** 1.5 * LABEL_SIZES.length);
    return LABEL_SIZES[Math.min(place, LABEL_SIZES.length - 1)];
  }

  textOf(word) {
    this.texts[word] ??= shortened(this.data.words[word]);
    return this.texts[word];
  }

  widthOf(word) {
    if (!this.widths[word]) {
      this.context.font = labelFont(this.sizeOf(word));
      this.widths[word] = Math.max(this.context.measureText(this.textOf(word)).width, 1);
    }
    return this.widths[word];
  }

  // The rectangle of a label whose point is at this place of the screen.
  box(word, left, top) {
    const width = this.widthOf(word);
    const height = this.sizeOf(word) * 1.15;
    return { word, left: left - width / 2, top: top - LABEL_RISE - height, width, height };
  }

  // Begin anew, for a window of another size.
  reset(view) {
    this.lowest = view.fit * FARTHEST_OUT;
    this.considered = Math.max(300, (view.width * view.height) / PIXELS_EACH);
    this.levels = []; // of each level the number of labels in `placed` up to it
    this.placed = [];
    this.has = new Uint8Array(this.data.count);
  }

  fill(level) {
    const scale = this.lowest * 2 ** (level / 2);
    const grid = new BoxGrid();
    const at = (word) => this.box(word, this.data.x[word] * scale, -this.data.y[word] * scale);
    for (const word of this.placed) grid.add(at(word));
    const most = Math.min(this.data.count, this.considered * FARTHEST_OUT ** 2 * 2 ** level);
    for (let word = 0; word < most; word += 1) {
      if (this.has[word]) continue;
      const box = at(word);
      if (grid.isFree(box)) {
        grid.add(box);
        this.has[word] = 1;
        this.placed.push(word);
      }
    }
    this.levels.push(this.placed.length);
  }

  // The labels in sight, with their rectangles on the screen.
  inSight(view) {
    const level = Math.max(0, Math.floor(2 * Math.log2(view.scale / this.lowest) + 1e-9));
    while (this.levels.length <= level) this.fill(this.levels.length);
    const found = [];
    for (let place = 0; place < this.levels[level]; place += 1) {
      const word = this.placed[place];
      const [left, top] = view.toScreen(this.data.x[word], this.data.y[word]);
      if (left < -200 || top < -20 || left > view.width + 200 || top > view.height + 40) continue;
      found.push(this.box(word, left, top));
    }
    return found;
  }
}

function overlap(one, other, gap = LABEL_GAP) {
  return (
    one.left < other.left + other.width + gap &&
    other.left < one.left + one.width + gap &&
    one.top < other.top + other.height + gap / 2 &&
    other.top < one.top + one.height + gap / 2
  );
}

// Rectangles, in cells, so that only near ones are compared.
class BoxGrid {
  constructor() {
    this.cells = new Map();
  }

  *cellsOf(box) {
    const last = Math.floor((box.left + box.width + LABEL_GAP) / LABEL_CELL);
    const lowest = Math.floor((box.top + box.height + LABEL_GAP) / LABEL_CELL);
    for (let row = Math.floor((box.top - LABEL_GAP) / LABEL_CELL); row <= lowest; row += 1) {
      for (let column = Math.floor((box.left - LABEL_GAP) / LABEL_CELL); column <= last; column += 1) {
        yield row * 1e6 + column;
      }
    }
  }

  add(box) {
    for (const cell of this.cellsOf(box)) {
      if (!this.cells.has(cell)) this.cells.set(cell, []);
      this.cells.get(cell).push(box);
    }
  }

  isFree(box) {
    for (const cell of this.cellsOf(box)) {
      if (this.cells.get(cell)?.some((other) => overlap(box, other))) return false;
    }
    return true;
  }
}
