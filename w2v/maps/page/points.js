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

// Red, green and blue, 0 to 255, of a colour such as #1d232b.
function partsOf(colour) {
  return [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
}

function hasWebgl() {
  if (new URLSearchParams(location.search).has("canvas")) return false;
  const context = document.createElement("canvas").getContext("webgl");
  const works = context?.getExtension("OES_texture_float") && context.getExtension("OES_element_index_uint");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(works);
}

// Draws for the scatterplot, on a canvas out of sight and when it is asked to. The renderer that the
// library has for this draws into floating-point numbers, copies these to a canvas that is smoothed
// again, and copies that: on a processor, a frame took twice as long.
class DirectRenderer {
  constructor(canvas) {
    this.canvas = canvas;
    canvas.getContext("webgl", { antialias: false, alpha: false, preserveDrawingBuffer: true });
    this.regl = renderer.createRegl(canvas); // takes the context that is there
    this.isSupported = true;
    this.paper = [1, 1, 1, 1];
  }

  onFrame(frame) {
    this.frame = frame;
    return () => {};
  }

  render(draw) {
    this.regl.poll(); // the size of the canvas may have changed
    this.regl.clear({ color: this.paper, depth: 1 });
    draw();
  }

  refresh() {}
}

class WebglPoints {
  constructor(data, view) {
    this.sizes = diameters(data.count);
    this.growth = 1;
    this.renderer = new DirectRenderer(document.createElement("canvas"));
    this.plot = renderer.createScatterplot({
      canvas: this.renderer.canvas,
      renderer: this.renderer,
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

  async start() {
    // The library is ready once it has drawn.
    const drawn = this.plot.draw(this.points, { zDataType: "categorical", wDataType: "categorical" });
    this.points = null;
    let isReady = false;
    const untilReady = () => {
      this.renderer.frame();
      if (!isReady) requestAnimationFrame(untilReady);
    };
    untilReady();
    await drawn;
    isReady = true;
  }

  recolour(colours, paper) {
    this.plot.set({ pointColor: colours });
    this.renderer.paper = [...partsOf(paper).map((part) => part / 255), 1];
    this.drawn = ""; // the view that was drawn
  }

  draw(context, view) {
    const wanted = [view.x, view.y, view.zoom, view.width, view.height].join();
    if (wanted !== this.drawn) this.render(view);
    this.drawn = wanted;
    const { canvas } = this.renderer;
    context.drawImage(canvas, 0, 0, canvas.width / devicePixelRatio, canvas.height / devicePixelRatio);
  }

  render(view) {
    const { width, height } = view;
    if (this.plot.get("width") !== width || this.plot.get("height") !== height) this.plot.set({ width, height });
    const growth = growthAt(view.zoom);
    if (growth !== this.growth) {
      this.growth = growth;
      this.plot.set({ pointSize: this.sizes.map((each) => each * growth) });
    }
    this.plot.view(view.matrix());
    this.renderer.frame();
  }
}

class CanvasPoints {
  constructor(data) {
    this.data = data;
    this.sizes = diameters(data.count);
  }

  async start() {}

  recolour(colours, paper) {
    this.colours = colours;
    this.paper = paper;
  }

  draw(context, view) {
    const { data } = this;
    const growth = growthAt(view.zoom);
    context.fillStyle = this.paper;
    context.fillRect(0, 0, view.width, view.height);
    context.globalAlpha = 0.85;
    for (let word = data.count - 1; word >= 0; word -= 1) {
      const [left, top] = view.toScreen(data.x[word], data.y[word]);
      if (left < -9 || top < -9 || left > view.width + 9 || top > view.height + 9) continue;
      context.fillStyle = this.colours[data.groups[word] + 1];
      context.beginPath();
      context.arc(left, top, (this.sizes[sizeOf(data, word)] * growth) / 2, 0, 7);
      context.fill();
    }
    context.globalAlpha = 1;
  }
}
