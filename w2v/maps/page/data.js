// The data of the page, unpacked into arrays; nothing here draws.

function unpacked(base64, Kind) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place += 1) bytes[place] = text.charCodeAt(place);
  return new Kind(bytes.buffer);
}

function readData() {
  const raw = JSON.parse(document.getElementById("data").textContent);
  const positions = unpacked(raw.positions, Float32Array);
  const count = raw.words.length;
  const x = new Float32Array(count);
  const y = new Float32Array(count);
  for (let word = 0; word < count; word += 1) {
    x[word] = positions[2 * word];
    y[word] = positions[2 * word + 1];
  }
  return {
    ...raw,
    count,
    x,
    y,
    half: [largest(x), largest(y)],
    groups: unpacked(raw.groups, Int32Array),
    neighbours: unpacked(raw.neighbours, count <= 65536 ? Uint16Array : Uint32Array),
    similarities: unpacked(raw.similarities, Int16Array),
    weight: weights(raw.counts, count),
  };
}

function largest(numbers) {
  return numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 1e-6);
}

// How common each word is, from 0 to 1: by the logarithm of its count, or of its rank.
function weights(counts, total) {
  const found = new Float32Array(total);
  const common = (word) => Math.log(counts ? Math.max(counts[word], 1) : 1 / (word + 3));
  const low = common(total - 1);
  const range = Math.max(common(0) - low, 1e-9);
  for (let word = 0; word < total; word += 1) found[word] = (common(word) - low) / range;
  return found;
}

function neighboursOf(data, word) {
  const start = word * data.neighboursEach;
  return Array.from({ length: data.neighboursEach }, (_, place) => ({
    word: data.neighbours[start + place],
    similarity: data.similarities[start + place] / 10000,
  }));
}

// A word as it is shown: one line, and short enough for a label.
function shortened(text, most = 40) {
  const letters = Array.from(text.slice(0, 4 * most));
  const cut = letters.length > most || text.length > 4 * most;
  return (cut ? `${letters.slice(0, most - 1).join("")}…` : text).replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, "\ufffd");
}
