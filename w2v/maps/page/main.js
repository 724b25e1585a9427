// The page put together: what is chosen, and how a change shows.

const ALL = -2; // the group that stands for all of them
const DIMMED = 0.8; // share of the paper in what steps back

const data = readData();
const stage = document.getElementById("stage");
const head = document.getElementById("head");
const view = new View(data.half);
const labels = new Labels(data, document.createElement("canvas").getContext("2d"));
const picking = new Picking(data);
const overlay = new Overlay(document.getElementById("overlay"), data, labels);
const state = { selected: -1, hovered: -1, group: ALL, matches: [] };
const flight = new Flight(view, () => changed());
let points;
let theme;
let isWaiting = false;

function mixed(colour, other, share) {
  const part = (text, place) => parseInt(text.slice(1 + 2 * place, 3 + 2 * place), 16);
  const parts = [0, 1, 2].map((place) =>
    Math.round(part(colour, place) * (1 - share) + part(other, place) * share),
  );
  return `#${parts.map((each) => each.toString(16).padStart(2, "0")).join("")}`;
}

function readTheme() {
  const chosen = document.documentElement.dataset.theme;
  const isDark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = isDark ? "dark" : "light";
  const [paper, ink] = [data.paper[name], data.ink[name]];
  const colours = [data.none[name], ...data.colours[name]];
  theme = {
    name,
    paper,
    ink,
    colours,
    labels: colours.map((colour) => mixed(colour, ink, isDark ? 0.45 : 0.5)),
    accent: isDark ? "#ffd166" : "#d1284a",
    onAccent: isDark ? "#1d1a10" : "#ffffff",
    plate: isDark ? "#2a3038" : "#ffffff",
  };
  const button = document.getElementById("theme");
  button.setAttribute("aria-label", isDark ? "Light colours" : "Dark colours");
  button.title = button.getAttribute("aria-label");
}

// The colours of the points: a chosen group, or what surrounds a chosen word, steps forward.
function pointColours() {
  return theme.colours.map((colour, place) => {
    const isQuiet = state.group === ALL ? state.selected >= 0 : state.group !== place - 1;
    return isQuiet ? mixed(colour, theme.paper, state.group === ALL ? 0.62 : DIMMED) : colour;
  });
}

// Draw before the next frame, however often something changed.
function changed() {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    points.draw(view);
    overlay.draw(view, state, theme);
  });
}

function recolour() {
  points.recolour(pointColours(), theme.paper);
  wordPanel.show(state.selected, theme.colours);
  legend.show(state.group, theme.colours);
  changed();
}

function choose(word) {
  state.selected = word;
  state.hovered = -1;
  const text = word < 0 ? "" : data.words[word];
  try {
    history.replaceState(null, "", text ? `#${encodeURIComponent(text)}` : location.pathname + location.search);
  } catch {
    // A page inside another page, or a word that no address can hold.
  }
  document.getElementById("said").textContent = text ? `${text}, and its nearest words` : "";
  recolour();
}

function chooseAndGo(word) {
  choose(word);
  const near = neighboursOf(data, word).slice(0, 5).map((each) => each.word);
  flight.to(view.around(data, [word, ...near], 12));
}

function pickedAt(left, top, reach) {
  const label = overlay.drawn.labels.findLast((box) =>
    left >= box.left && left <= box.left + box.width && top >= box.top && top <= box.top + box.height,
  );
  return label ? label.word : picking.nearest(...view.toPlane(left, top), reach / view.scale);
}

function moved(action) {
  flight.stop();
  action();
  changed();
}

function zoomInMiddle(factor) {
  moved(() => view.zoomAt(...view.middle, factor));
}

function whole() {
  flight.to({ x: 0, y: 0, zoom: 1 });
}

const wordPanel = new WordPanel(data, chooseAndGo, () => {
  choose(-1);
  stage.focus();
});
const legend = new Legend(data, (group) => {
  state.group = group;
  recolour();
});
const search = new Search(data, chooseAndGo, (words) => {
  state.matches = words;
  changed();
});

new Pointers(stage, {
  began: () => flight.stop(),
  pan: (right, down) => moved(() => view.pan(right, down)),
  zoomAt: (left, top, factor) => moved(() => view.zoomAt(left, top, factor)),
  hover: (left, top, reach) => {
    const word = pickedAt(left, top, reach);
    stage.style.cursor = word < 0 ? "" : "pointer";
    if (word === state.hovered) return;
    state.hovered = word;
    changed();
  },
  leave: () => {
    state.hovered = -1;
    changed();
  },
  click: (left, top, reach) => choose(pickedAt(left, top, reach)),
});

listenToKeys({
  pan: (right, down) => moved(() => view.pan(right, down)),
  zoom: zoomInMiddle,
  whole,
  search: () => search.field.select(),
  clear: () => {
    state.group = ALL;
    choose(-1);
  },
});

document.getElementById("closer").addEventListener("click", () => zoomInMiddle(1.5));
document.getElementById("farther").addEventListener("click", () => zoomInMiddle(1 / 1.5));
document.getElementById("whole").addEventListener("click", whole);
document.getElementById("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = theme.name === "dark" ? "light" : "dark";
  readTheme();
  recolour();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  readTheme();
  recolour();
});

function resize() {
  const isWide = stage.clientWidth > 640;
  view.resize(stage.clientWidth, stage.clientHeight, isWide ? head.getBoundingClientRect().right : 0);
  labels.reset(view);
  overlay.resize(view);
}

function wordInAddress() {
  try {
    return data.words.indexOf(decodeURIComponent(location.hash.slice(1)));
  } catch {
    return -1; // not an encoded word
  }
}

async function start() {
  // On a telephone the legend would cover the map; it opens at a touch.
  document.getElementById("legend").open = stage.clientWidth > 640;
  readTheme();
  resize();
  const canvas = document.getElementById("points");
  const isFast = hasWebgl();
  points = isFast ? new WebglPoints(canvas, data, view) : new CanvasPoints(canvas, data);
  if (!isFast) document.getElementById("without-webgl").hidden = false;
  await points.start(view, pointColours(), theme.paper);
  recolour();
  new ResizeObserver(() => {
    if (stage.clientWidth === view.width && stage.clientHeight === view.height) return;
    resize();
    points.resize(view);
    changed();
  }).observe(stage);
  const asked = wordInAddress();
  if (asked >= 0) chooseAndGo(asked);
  performance.mark("drawn");
  document.documentElement.dataset.ready = isFast ? "webgl" : "canvas";
}

document.title = data.title;
// For tests, and for those who look inside.
window.wordMap = { data, view, state, theme: () => theme, drawn: () => overlay.drawn, choose };
start();
