addEventListener("DOMContentLoaded", () => {
  const all = (selector) => document.querySelectorAll(selector);

  // For readers with a screen reader or without a mouse: what the theme leaves out.
  for (const arrow of all(".bd-sidenav summary")) {
    arrow.ariaLabel = `Pages of ${arrow.closest("li").querySelector("a").textContent.trim()}`;
  }
  for (const brand of all(".bd-sidebar-primary .navbar-brand")) {
    brand.parentElement.role = "navigation";
    brand.parentElement.ariaLabel = "Home";
  }
  for (const list of all(".citation-list")) list.role = "list";
  for (const entry of all(".citation-list > .citation")) entry.role = "listitem";
  // Names that hide what is written on a button: the written words are the better names.
  for (const named of all(".search-button-field, main summary")) {
    named.removeAttribute("aria-label");
  }
  for (const button of all("button.toggle-button")) {
    button.ariaLabel = button.closest(".admonition-title").textContent.trim();
  }
  // The empty corner of a table is the header of nothing.
  for (const corner of all("main th")) {
    if (!corner.textContent.trim()) corner.replaceWith(document.createElement("td"));
  }

  // An animation plays once. Readers who want no motion see its last picture, and no button.
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
    for (const animation of all("picture.animation")) {
      const again = document.createElement("button");
      const image = animation.querySelector("img"), { src } = image;
      again.textContent = "Play again";
      again.className = "play-again";
      again.onclick = () => (image.src = `${src}#${Date.now()}`); // another address starts it anew
      animation.after(again);
    }
  }

  // What is wider than its place scrolls. It can be reached by keyboard, also once it is unfolded,
  // and its edge fades where there is more.
  const wide = "main pre, .pst-scrollable-table-container, div.math mjx-container, .too-wide";
  const look = (place) => {
    const left = place.scrollLeft > 1;
    const right = place.scrollLeft + place.clientWidth < place.scrollWidth - 1;
    place.classList.toggle("more-left", left);
    place.classList.toggle("more-right", right);
    place.tabIndex = left || right ? 0 : -1;
  };
  const sizes = new ResizeObserver((changed) => {
    for (const { target } of changed) {
      look(target.querySelector(":scope > mjx-container") ?? target);
    }
  });
  for (const place of all("main pre, .pst-scrollable-table-container, div.math")) {
    sizes.observe(place);
  }
  // An inline equation wider than its line scrolls too. Few are, and only on a phone.
  new ResizeObserver(() => {
    for (const equation of all("main span.math")) {
      const excess = (equation.firstElementChild?.offsetWidth ?? 0) - equation.clientWidth;
      if (equation.classList.toggle("too-wide", excess > 1)) look(equation);
      else equation.classList.remove("more-left", "more-right");
    }
  }).observe(document.querySelector("main"));
  document.addEventListener("scroll", ({ target }) => {
    if (target.matches?.(wide)) look(target);
  }, { capture: true, passive: true });
});
