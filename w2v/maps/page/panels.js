// The panel about the chosen word, and the legend of the groups.

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function groupElement(name) {
  return element("bdi", "", shortened(name, 60));
}

function wordElement(data, word, most = 80) {
  return element("bdi", "", shortened(data.words[word], most));
}

class WordPanel {
  constructor(data, choose, close) {
    this.data = data;
    this.choose = choose;
    this.panel = document.getElementById("word");
    document.getElementById("close").addEventListener("click", close);
  }

  show(word, colours) {
    this.panel.hidden = word < 0;
    if (word < 0) return;
    const { data } = this;
    document.getElementById("word-name").replaceChildren(wordElement(data, word, 300));
    const about = document.getElementById("word-about");
    const count = data.counts ? `seen ${data.counts[word].toLocaleString("en")} times, ` : "";
    about.textContent = `${count}number ${(word + 1).toLocaleString("en")} of ${data.count.toLocaleString("en")}`;
    const group = document.getElementById("word-group");
    const number = data.groups[word];
    group.hidden = number < 0;
    if (number >= 0) group.replaceChildren(swatch(colours[number + 1]), groupElement(data.groupNames[number]));
    const near = neighboursOf(data, word);
    document.getElementById("neighbours").replaceChildren(...near.map((each) => this.row(each)));
  }

  row({ word, similarity }) {
    const item = element("li");
    const button = element("button", "neighbour");
    button.type = "button";
    button.dataset.word = word;
    const bar = element("span", "bar");
    bar.style.width = `${100 * Math.max(similarity, 0)}%`;
    button.append(bar, wordElement(this.data, word), element("span", "number", similarity.toFixed(4)));
    button.addEventListener("click", () => this.choose(word));
    item.append(button);
    return item;
  }
}

function swatch(colour) {
  const made = element("span", "swatch");
  made.style.background = colour;
  return made;
}

class Legend {
  // toggled(group) is called with the number of a group to show alone, or -2 for all.
  constructor(data, toggled) {
    this.list = document.getElementById("groups");
    const sizes = new Map();
    for (const group of data.groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    const groups = data.groupNames.map((name, group) => [group, name]);
    if (sizes.has(-1)) groups.push([-1, "in no group"]);
    this.buttons = groups.map(([group, name]) => {
      const button = element("button", "group");
      button.type = "button";
      button.dataset.group = group;
      button.title = "Show this group alone";
      button.append(swatch(""), groupElement(name));
      button.append(element("span", "number", sizes.get(group).toLocaleString("en")));
      button.addEventListener("click", () => toggled(this.alone === group ? -2 : group));
      return button;
    });
    this.list.replaceChildren(...this.buttons.map((button) => {
      const item = element("li");
      item.append(button);
      return item;
    }));
    document.getElementById("legend-title").textContent = data.groupsAreGiven ? "Groups" : "Clusters";
  }

  show(alone, colours) {
    this.alone = alone;
    for (const button of this.buttons) {
      const group = Number(button.dataset.group);
      button.setAttribute("aria-pressed", group === alone);
      button.querySelector(".swatch").style.background = colours[group + 1];
    }
  }
}
