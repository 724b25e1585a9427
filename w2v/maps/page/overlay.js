// What stands above the points: lines to neighbours, rings around words, and labels.

class Overlay {
  constructor(data, labels) {
    this.data = data;
    this.labels = labels;
    this.sizes = diameters(data.count);
    this.drawn = { labels: [], lines: [], rings: [] };
  }

  // theme: colours of groups (the first for words of no group), of labels, of the paper and the ink.
  draw(context, view, state, theme) {
    this.context = context;
    this.view = view;
    this.theme = theme;
    this.drawn = { labels: [], lines: [], rings: [] };
    for (const word of state.matches) this.ring(word, 1.5, theme.ink, 4);
    const near = state.selected < 0 ? [] : neighboursOf(this.data, state.selected);
    for (const { word, similarity } of near) this.line(state.selected, word, similarity);
    for (const { word } of near) this.dot(word);
    if (state.selected >= 0) {
      this.dot(state.selected);
      this.ring(state.selected, 2.5, theme.accent, 5);
    }
    if (state.hovered >= 0) this.ring(state.hovered, 2, theme.accent, 3);
    const prominent = [state.hovered, state.selected, ...near.map((each) => each.word)];
    this.write(prominent.filter((word) => word >= 0), state);
  }

  place(word) {
    return this.view.toScreen(this.data.x[word], this.data.y[word]);
  }

  radius(word) {
    return (this.sizes[sizeOf(this.data, word)] * growthAt(this.view.zoom)) / 2;
  }

  line(from, to, similarity) {
    const { context } = this;
    context.globalAlpha = Math.min(0.25 + 0.75 * Math.max(similarity, 0), 1);
    context.strokeStyle = this.theme.accent;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(...this.place(from));
    context.lineTo(...this.place(to));
    context.stroke();
    context.globalAlpha = 1;
    this.drawn.lines.push({ from, to });
  }

  dot(word) {
    const { context } = this;
    context.beginPath();
    context.arc(...this.place(word), Math.max(this.radius(word), 3.5) + 1, 0, 7);
    context.fillStyle = this.theme.colours[this.data.groups[word] + 1];
    context.strokeStyle = this.theme.paper;
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }

  ring(word, width, colour, gap) {
    const { context } = this;
    context.beginPath();
    context.arc(...this.place(word), this.radius(word) + gap, 0, 7);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
    this.drawn.rings.push(word);
  }

  write(prominent, state) {
    const grid = new BoxGrid();
    const { context, labels, data, theme } = this;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.lineJoin = "round";
    const boxes = [];
    for (const word of new Set(prominent)) {
      const box = this.freeBox(word, grid);
      if (!box) continue;
      grid.add(box);
      boxes.push(box);
    }
    const quiet = state.selected >= 0;
    for (const box of labels.inSight(this.view)) {
      if (prominent.includes(box.word) || (prominent.length && !grid.isFree(box))) continue;
      const fades = quiet || (state.group >= -1 && data.groups[box.word] !== state.group);
      this.text(box, theme.labels[data.groups[box.word] + 1], fades ? 0.35 : 1);
    }
    for (const box of boxes) this.plate(box, box.word === state.selected);
  }

  // The label of a prominent word above, below or beside its point, where there is room.
  freeBox(word, grid) {
    const [left, top] = this.place(word);
    const above = this.labels.box(word, left, top);
    const below = { ...above, top: top + LABEL_RISE + 4 };
    const beside = { ...above, top: top - above.height / 2 };
    const right = { ...beside, left: left + LABEL_RISE + 6 };
    const leftOf = { ...beside, left: left - LABEL_RISE - 6 - above.width };
    return [above, below, right, leftOf].find((box) => grid.isFree(box));
  }

  text(box, colour, alpha) {
    const { context, labels, theme } = this;
    const size = labels.sizeOf(box.word);
    const place = [labels.textOf(box.word), box.left + box.width / 2, box.top + size * 0.92];
    context.font = labelFont(size);
    context.globalAlpha = alpha;
    context.strokeStyle = theme.paper;
    context.lineWidth = 3.5;
    context.strokeText(...place);
    context.fillStyle = colour;
    context.fillText(...place);
    context.globalAlpha = 1;
    this.drawn.labels.push(box);
  }

  plate(box, isSelected) {
    const { context, theme } = this;
    context.fillStyle = isSelected ? theme.accent : theme.plate;
    context.beginPath();
    context.roundRect(box.left - 5, box.top - 2, box.width + 10, box.height + 4, 5);
    context.fill();
    const size = this.labels.sizeOf(box.word);
    context.font = labelFont(size);
    context.fillStyle = isSelected ? theme.onAccent : theme.ink;
    context.fillText(this.labels.textOf(box.word), box.left + box.width / 2, box.top + size * 0.92);
    this.drawn.labels.push(box);
  }
}
