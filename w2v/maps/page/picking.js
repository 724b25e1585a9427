// Which word lies under the pointer: words in the cells of a grid over the plane.

class Picking {
  constructor(data) {
    this.data = data;
    this.side = Math.max(1, Math.ceil(Math.sqrt(data.count / 2)));
    this.starts = new Uint32Array(this.side * this.side + 1);
    const cells = Uint32Array.from(data.x, (x, word) => this.cell(this.line(x), this.line(data.y[word])));
    for (const cell of cells) this.starts[cell + 1] += 1;
    for (let cell = 0; cell < this.side * this.side; cell += 1) {
      this.starts[cell + 1] += this.starts[cell];
    }
    const next = this.starts.slice();
    this.words = new Uint32Array(data.count);
    cells.forEach((cell, word) => {
      this.words[next[cell]] = word;
      next[cell] += 1;
    });
  }

  line(place) {
    return Math.min(Math.max(Math.floor(((place + 1) / 2) * this.side), 0), this.side - 1);
  }

  cell(column, row) {
    return row * this.side + column;
  }

  // The word nearest to a place of the plane, or -1 where none is as near as `radius`.
  nearest(x, y, radius) {
    let [found, least] = [-1, radius * radius];
    for (let row = this.line(y - radius); row <= this.line(y + radius); row += 1) {
      for (let column = this.line(x - radius); column <= this.line(x + radius); column += 1) {
        const cell = this.cell(column, row);
        for (let place = this.starts[cell]; place < this.starts[cell + 1]; place += 1) {
          const word = this.words[place];
          const distance = (this.data.x[word] - x) ** 2 + (this.data.y[word] - y) ** 2;
          if (distance < least) [found, least] = [word, distance];
        }
      }
    }
    return found;
  }
}
