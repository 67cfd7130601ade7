// The search page. Sphinx finds the pages; here each result shows the sections that say most about
// the words, with a sentence of each, instead of whatever stands at the first letters that fit.
const NAMES = { "\\varepsilon": ["eps", "epsilon"] };
for (const letter of ["alpha", "beta", "kappa", "lambda", "mu", "nu"]) {
  NAMES[`\\${letter}`] = [letter];
}
const stemmer = new Stemmer();
// The stems of a text's words, as Sphinx indexes them; a Greek letter has its names.
const stems = (text) => new Set(
  [...text.matchAll(/\\[a-z]+|[\p{L}\p{N}_]+/gu)]
    .flatMap(([word]) => NAMES[word] ?? [word.toLowerCase()])
    .map((word) => stemmer.stemWord(word)),
);
const count = (text, wanted) => {
  const there = stems(text);
  return [...wanted].filter((stem) => there.has(stem)).length;
};
const create = (name, ...children) => {
  const element = document.createElement(name);
  element.append(...children);
  return element;
};

// The sections of a page that say most about the wanted stems, each with its best block: at most
// three, and of these only such as have as many of the words as any.
function bestSections(page, wanted) {
  const best = new Map();
  for (const block of page.querySelectorAll("main :is(p, li, pre)")) {
    // A chapter's parts have ids of their own; boxes at its head only announce what comes.
    const section = block.closest("section[id]:not([id$='-content'])");
    const announces = block.closest(".admonition")?.parentElement.querySelector(":scope > h1");
    if (!section || announces || block.querySelector("p, li")) continue;
    const heading = section.querySelector(":is(h1, h2, h3, h4)");
    const bold = [...block.querySelectorAll("strong")].map((defined) => defined.textContent);
    const found = count(block.textContent, wanted);
    const words = count(`${heading.textContent} ${block.textContent}`, wanted);
    const score = 4 * count(heading.textContent, wanted) + 3 * found
      + 2 * count(bold.join(" "), wanted) - (block.closest("pre, td, .admonition") ? 4 : 0);
    if (found && !(score <= best.get(section)?.score)) {
      best.set(section, { id: section.id, heading, block, score, words });
    }
  }
  const most = Math.max(...[...best.values()].map(({ words }) => words));
  return [...best.values()].filter(({ words }) => words === most)
    .sort((one, other) => other.score - one.score).slice(0, 3);
}

// The first sentence with most of the wanted stems, and its neighbours up to some two lines; of
// code the one line.
function excerpt({ localName, textContent }, wanted) {
  const isCode = localName === "pre";
  const sentences = isCode ? textContent.split("\n")
    : textContent.trim().replace(/\s+/g, " ").split(/(?<=[.!?]) (?=\p{Lu}|\\\()/u);
  const counts = sentences.map((sentence) => count(sentence, wanted));
  let first = counts.indexOf(Math.max(...counts)), next = first + 1;
  let taken = sentences[first];
  if (isCode) return taken;
  while (taken.length < 120 && sentences[next]) taken += ` ${sentences[next++]}`;
  while (taken.length < 120 && sentences[first - 1]) taken = `${sentences[--first]} ${taken}`;
  const words = taken.match(/\S*\\\(.*?\\\)\S*|\S+/g);
  const hit = words.findIndex((word) => count(word, wanted));
  const from = words.slice(0, hit + 1).join(" ").length > 250 ? hit - 5 : 0;
  const shown = words.slice(from, from + 45);
  const rest = from + 45 < words.length ? " …" : "";
  return (from ? "… " : "") + shown.join(" ") + rest;
}

// A heading or a sentence as nodes: equations for MathJax, the wanted words marked.
function* display(text, wanted) {
  for (const part of text.split(/(\\\(.*?\\\)|[\p{L}\p{N}_]+)/u)) {
    let node = part;
    if (part.startsWith("\\(")) {
      node = create("span", part);
      node.className = "math";
    }
    yield count(part, wanted) ? create("mark", node) : node;
  }
}

Search.makeSearchSummary = (html, wanted) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const extra of page.querySelectorAll(".headerlink, script, style")) extra.remove();
  const list = create("ul");
  for (const { id, heading, block } of bestSections(page, wanted)) {
    const link = create("a", ...display(heading.textContent, wanted));
    link.href = `#${id}`;
    const text = create("p", ...display(excerpt(block, wanted), wanted));
    list.append(create("li", link, text));
  }
  queueMicrotask(() => {
    // Now it stands below the link to the page.
    const address = list.parentElement.querySelector("a").href;
    for (const link of list.querySelectorAll("a")) link.href = address + link.hash;
    // What MathJax finds when it comes it does by itself.
    globalThis.MathJax?.startup?.promise?.then(() => MathJax.typesetPromise([list]));
  });
  return list;
};

// One result a page, under the page's title. The best comes last.
const perform = Search._performSearch;
Search._performSearch = (...query) => {
  const { docnames, titles } = Search._index;
  const results = new Map();
  for (const [page, , , , score, file] of perform(...query)) {
    results.delete(page);
    results.set(page, [page, titles[docnames.indexOf(page)], "", null, score, file]);
  }
  return [...results.values()];
};

// Sphinx would mark parts of words too ("eps" in "steps"), here and on the page that one opens.
const parse = Search._parseQuery;
Search._parseQuery = (text) => {
  const [query, wanted, excluded, , objects] = parse(text);
  localStorage.removeItem("sphinx_highlight_terms");
  return [query, wanted, excluded, new Set(), objects];
};
