// The search field: completes words, and rings those that match while one types.

const COMPLETIONS = 8;
const RINGED = 200;

class Search {
  // found(word) is called for a word that is chosen, matching(words) for those that match so far.
  constructor(data, found, matching) {
    this.data = data;
    this.found = found;
    this.matching = matching;
    this.field = document.getElementById("search");
    this.list = document.getElementById("completions");
    this.note = document.getElementById("search-note");
    this.shown = [];
    this.active = -1;
    this.field.addEventListener("input", () => this.complete());
    this.field.addEventListener("focus", () => this.field.value && this.complete());
    this.field.addEventListener("blur", () => this.close());
    this.field.addEventListener("keydown", (event) => this.key(event));
    // Not "click": the field would lose the focus first, and with it the list.
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.place));
    });
  }

  // The words that begin with a text, then those that hold it elsewhere; the common ones first.
  matches(text) {
    this.lowered ??= this.data.words.map((word) => word.toLowerCase());
    const asked = text.toLowerCase();
    const exact = [];
    const begin = [];
    const hold = [];
    this.lowered.forEach((word, number) => {
      const place = word.indexOf(asked);
      if (place < 0) return;
      (word === asked ? exact : place === 0 ? begin : hold).push(number);
    });
    return [...exact, ...begin, ...hold];
  }

  complete() {
    const text = this.field.value.trim();
    const words = text ? this.matches(text) : [];
    this.shown = words.slice(0, COMPLETIONS);
    this.active = this.shown.length ? 0 : -1;
    const missing = text && !words.length;
    this.note.textContent = missing ? "No word of this map matches." : "";
    this.note.hidden = !missing;
    this.list.replaceChildren(...this.shown.map((word, place) => this.option(word, place, text)));
    this.show();
    this.matching(words.slice(0, RINGED));
  }

  option(word, place, text) {
    const option = document.createElement("li");
    option.id = `completion-${place}`;
    option.dataset.place = place;
    option.setAttribute("role", "option");
    const whole = shortened(this.data.words[word], 60);
    const start = whole.toLowerCase().indexOf(text.toLowerCase());
    const name = document.createElement("bdi");
    const isWhole = whole.toLowerCase().length === whole.length && start >= 0;
    const marked = document.createElement("mark");
    marked.textContent = isWhole ? whole.slice(start, start + text.length) : "";
    name.append(
      isWhole ? whole.slice(0, start) : whole,
      marked,
      isWhole ? whole.slice(start + text.length) : "",
    );
    option.append(name);
    return option;
  }

  show() {
    const isOpen = this.shown.length > 0;
    this.list.hidden = !isOpen;
    this.field.setAttribute("aria-expanded", isOpen);
    [...this.list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", place === this.active);
    });
    if (isOpen) this.field.setAttribute("aria-activedescendant", `completion-${this.active}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  close() {
    this.shown = [];
    this.note.hidden = true;
    this.show();
    this.matching([]);
  }

  choose(place) {
    const word = this.shown[place];
    if (word === undefined) return;
    this.field.value = this.data.words[word];
    this.field.blur();
    this.found(word);
  }

  key(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves && this.shown.length) {
      const total = this.shown.length;
      this.active = (this.active + moves[event.key] + total) % total;
      this.show();
    } else if (event.key === "Enter") {
      this.choose(this.active);
    } else if (event.key === "Escape") {
      this.field.value = "";
      this.field.blur();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
