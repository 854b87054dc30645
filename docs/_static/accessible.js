// What the theme leaves out for screen readers and for people without a mouse: levels of the headings in the sidebar,
// and focus on whatever scrolls sideways.
"use strict";

function mendHeadings() {
  for (const heading of document.querySelectorAll('[role="heading"]:not([aria-level])')) {
    heading.setAttribute("aria-level", "2");
  }
}

function focusWhatScrolls() {
  for (const box of document.querySelectorAll("pre, table, .table-wrapper, .highlight")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

document.addEventListener("DOMContentLoaded", () => {
  mendHeadings();
  focusWhatScrolls();
});
window.addEventListener("load", focusWhatScrolls);
window.addEventListener("resize", focusWhatScrolls);
