// The points of all words, drawn with WebGL by the renderer, or on a plain canvas without it.

const SIZES = 16; // different sizes of points
const CLOSER_GROWTH = 0.3; // points grow as zoom to this power
const LARGEST_GROWTH = 2;

// The diameter in pixels of each size of points where the whole map is in sight.
function diameters(count) {
  const least = Math.min(Math.max(420 / Math.sqrt(count), 2), 6);
  const most = Math.min(least * 3.4, 15);
  return Array.from({ length: SIZES }, (_, size) => least + (most - least) * (size / (SIZES - 1)) ** 2);
}

function growthAt(zoom) {
  const steps = Math.round(4 * Math.log2(Math.max(zoom, 1)));
  return Math.min(2 ** ((steps / 4) * CLOSER_GROWTH), LARGEST_GROWTH);
}

function sizeOf(data, word) {
  return Math.min(Math.floor(data.weight[word] * SIZES), SIZES - 1);
}

function hasWebgl() {
  if (new URLSearchParams(location.search).has("canvas")) return false;
  const context = document.createElement("canvas").getContext("webgl");
  const works = context?.getExtension("OES_texture_float") && context.getExtension("OES_element_index_uint");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(works);
}

class WebglPoints {
  constructor(canvas, data, view) {
    this.sizes = diameters(data.count);
    this.growth = 1;
    this.plot = renderer.createScatterplot({
      canvas,
      width: view.width,
      height: view.height,
      cameraIsFixed: true,
      colorBy: "valueA",
      sizeBy: "valueB",
      pointScaleMode: "constant",
      pointSize: this.sizes,
      opacity: 0.85,
      deselectOnEscape: false,
      deselectOnDblClick: false,
    });
    // The renderer draws in the order of the data: common words last, on top of rare ones.
    this.reversed = (find) => Array.from({ length: data.count }, (_, place) => find(data.count - 1 - place));
    this.points = {
      x: this.reversed((word) => data.x[word]),
      y: this.reversed((word) => data.y[word]),
      valueA: this.reversed((word) => data.groups[word] + 1),
      valueB: this.reversed((word) => sizeOf(data, word)),
    };
  }

  async start(view, colours, paper) {
    this.recolour(colours, paper);
    this.draw(view);
    await this.plot.draw(this.points, { zDataType: "categorical", wDataType: "categorical" });
    this.points = null;
  }

  recolour(colours, paper) {
    this.plot.set({ pointColor: colours, backgroundColor: paper });
  }

  resize(view) {
    this.plot.set({ width: view.width, height: view.height });
  }

  draw(view) {
    const growth = growthAt(view.zoom);
    if (growth !== this.growth) {
      this.growth = growth;
      this.plot.set({ pointSize: this.sizes.map((size) => size * growth) });
    }
    this.plot.view(view.matrix());
  }
}

class CanvasPoints {
  constructor(canvas, data) {
    this.canvas = canvas;
    this.data = data;
    this.sizes = diameters(data.count);
  }

  async start(view, colours, paper) {
    this.resize(view);
    this.recolour(colours, paper);
    this.draw(view);
  }

  recolour(colours) {
    this.colours = colours;
  }

  resize(view) {
    this.canvas.width = view.width * devicePixelRatio;
    this.canvas.height = view.height * devicePixelRatio;
  }

  draw(view) {
    const { data } = this;
    const context = this.canvas.getContext("2d");
    const growth = growthAt(view.zoom);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    context.globalAlpha = 0.85;
    for (let word = data.count - 1; word >= 0; word -= 1) {
      const [left, top] = view.toScreen(data.x[word], data.y[word]);
      if (left < -9 || top < -9 || left > view.width + 9 || top > view.height + 9) continue;
      context.fillStyle = this.colours[data.groups[word] + 1];
      context.beginPath();
      context.arc(left, top, (this.sizes[sizeOf(data, word)] * growth) / 2, 0, 7);
      context.fill();
    }
  }
}
