"""What a browser measures of how a page looks, at the widths of a desktop, a tablet and a phone."""

from types import SimpleNamespace

DESKTOP, TABLET, PHONE = 1300, 768, 390

# The page as it is at rest: rendered, unfolded, with its fonts, and nothing that moves.
READY = """async () => {
  await window.MathJax?.startup?.promise;
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const folded of document.querySelectorAll(".toggle-hidden")) {
    folded.classList.remove("toggle-hidden");
  }
  await document.fonts.ready;
}"""
# The observers of course.js answer to a new width before the second frame.
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

# Punctuation that follows an inline equation, directly or behind the end of a **bold** text, and
# stands left of the equation's end: on the next line. The same for what opens before one.
PARTED = """() => {
  const parted = [];
  const rect = (text, start) => {
    const range = document.createRange();
    range.setStart(text, start);
    range.setEnd(text, start + 1);
    return range.getBoundingClientRect();
  };
  const neighbour = (node, side, inner) => {
    while (!node[side] && /^(span|strong|em|a|b|i)$/.test(node.parentElement.localName)) {
      node = node.parentElement;
    }
    node = node[side];
    while (node?.firstChild) node = node[inner];
    return node?.data ? node : null;
  };
  for (const equation of document.querySelectorAll("main mjx-container:not([display])")) {
    const drawn = equation.querySelector("mjx-math").getBoundingClientRect();
    if (!drawn.width || equation.closest(".too-wide")) continue;
    const after = neighbour(equation, "nextSibling", "firstChild");
    const before = neighbour(equation, "previousSibling", "lastChild");
    if (/^[,.;:!?)\\]]/.test(after?.data) && rect(after, 0).left < drawn.right - 5) {
      parted.push("after " + equation.textContent + ": " + after.data.slice(0, 20));
    }
    if (/[(\\[]$/.test(before?.data) && rect(before, before.length - 1).right > drawn.left + 5) {
      parted.push("before " + equation.textContent + ": " + before.data.slice(-20));
    }
  }
  return parted;
}"""

# What scrolls sideways and does not say so: no fade at its edge, or no way in by keyboard.
UNSAID = """() => {
  const unsaid = [];
  for (const place of document.querySelectorAll("main, main *")) {
    if (!place.clientWidth || place.scrollWidth <= place.clientWidth + 1) continue;
    const style = getComputedStyle(place);
    if (!["auto", "scroll", "hidden"].includes(style.overflowX)) continue;
    if (place.closest(".descent-explorer, mjx-assistive-mml")) continue;
    if (style.maskImage === "none" || place.tabIndex < 0 || style.overflowX === "hidden") {
      unsaid.push(place.localName + " " + place.textContent.slice(0, 60));
    }
  }
  return unsaid;
}"""

# Displayed equations of which a letter's box comes nearer than two pixels to the edge that cuts.
# (The ink of a letter may stand out of its box by a pixel.)
TIGHT = """() => {
  const tight = [];
  for (const equation of document.querySelectorAll("main mjx-container[display]")) {
    for (let place = equation; place.localName !== "main"; place = place.parentElement) {
      if (getComputedStyle(place).overflowY === "visible") continue;
      const { top, bottom } = place.getBoundingClientRect();
      const boxes = [...equation.querySelectorAll("mjx-c")]
        .map(letter => letter.getBoundingClientRect()).filter(box => box.width && box.height);
      const above = Math.min(...boxes.map(box => box.top)) - top;
      const below = bottom - Math.max(...boxes.map(box => box.bottom));
      if (Math.min(above, below) < 2) tight.push(equation.textContent);
    }
  }
  return tight;
}"""


def measure(page):
    """What is wrong with the looks of an open page that is READY, at each width."""
    found = SimpleNamespace(parted={}, unsaid={}, tight={})
    for width in (DESKTOP, TABLET, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(SETTLED)
        found.parted[width] = page.evaluate(PARTED)
        found.unsaid[width] = page.evaluate(UNSAID)
        found.tight[width] = page.evaluate(TIGHT)
    return found
