// For readers with a screen reader or without a mouse: what the theme leaves out.
addEventListener("DOMContentLoaded", () => {
  for (const arrow of document.querySelectorAll(".bd-sidenav summary")) {
    arrow.ariaLabel = `Pages of ${arrow.closest("li").querySelector("a").textContent.trim()}`;
  }
  // It says that it is a list, but its entries do not say that they are items.
  for (const list of document.querySelectorAll(".citation-list")) list.removeAttribute("role");
  // Code that scrolls can be reached by keyboard, also once it is unfolded.
  const width = new ResizeObserver((changed) => {
    for (const { target } of changed) {
      target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
    }
  });
  for (const code of document.querySelectorAll("main pre")) width.observe(code);
});
