// The page put together: what is chosen, and how a change shows.

const ALL = -2; // the group that stands for all of them
const DIMMED = 0.8; // share of the paper in what steps back

const data = readData();
const stage = document.getElementById("stage");
const head = document.getElementById("head");
const view = new View(data.half);
const labels = new Labels(data, document.createElement("canvas").getContext("2d"));
const picking = new Picking(data);
const overlay = new Overlay(data, labels);
const sheet = new Sheet(document.getElementById("sheet"));
const state = { selected: -1, hovered: -1, group: ALL, matches: [] };
const flight = new Flight(view, () => moved());
let points;
let theme;
let isWaiting = false;
let isStale = true; // whether the sheet shows something else than it should

function mixed(colour, other, share) {
  const others = partsOf(other);
  const parts = partsOf(colour).map((part, place) => Math.round(part * (1 - share) + others[place] * share));
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

// Show before the next frame what changed, however often.
function changed() {
  isStale = true;
  moved();
}

function moved() {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    if (isStale || !sheet.follow(view)) draw();
  });
}

function draw() {
  isStale = false;
  sheet.draw(view, (context, wider) => {
    points.draw(context, wider);
    overlay.draw(context, wider, state, theme);
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

// What stands above the points, by its places in the window.
function seen() {
  const [left, top] = sheet.origin;
  const inWindow = (box) => ({ ...box, left: box.left + left, top: box.top + top });
  return { ...overlay.drawn, labels: overlay.drawn.labels.map(inWindow) };
}

function pickedAt(left, top, reach) {
  const label = seen().labels.findLast((box) =>
    left >= box.left && left <= box.left + box.width && top >= box.top && top <= box.top + box.height,
  );
  return label ? label.word : picking.nearest(...view.toPlane(left, top), reach / view.scale);
}

function steered(action) {
  flight.stop();
  action();
  moved();
}

function zoomInMiddle(factor) {
  steered(() => view.zoomAt(...view.middle, factor));
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
  ended: () => changed(), // so that the next drag begins in the middle of the sheet
  pan: (right, down) => steered(() => view.pan(right, down)),
  zoomAt: (left, top, factor) => steered(() => view.zoomAt(left, top, factor)),
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
  pan: (right, down) => steered(() => view.pan(right, down)),
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
  sheet.resize(view);
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
  const isFast = hasWebgl();
  points = isFast ? new WebglPoints(data, view) : new CanvasPoints(data);
  if (!isFast) document.getElementById("without-webgl").hidden = false;
  await points.start();
  recolour();
  draw();
  new ResizeObserver(() => {
    if (stage.clientWidth === view.width && stage.clientHeight === view.height) return;
    resize();
    draw();
  }).observe(stage);
  const asked = wordInAddress();
  if (asked >= 0) chooseAndGo(asked);
  performance.mark("drawn");
  document.documentElement.dataset.ready = isFast ? "webgl" : "canvas";
}

document.title = data.title;
// For tests, and for those who look inside.
window.wordMap = { data, view, state, theme: () => theme, drawn: seen, choose, sheet, points: () => points };
start();
