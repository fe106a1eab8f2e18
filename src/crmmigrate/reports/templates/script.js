"use strict";
// Filters of tables: a row is shown where every list says its cell, and its text holds what was typed.
for (const box of document.querySelectorAll("form.filters")) {
  const rows = [...document.getElementById(box.dataset.table).tBodies[0].rows];
  const told = box.querySelector("output");
  const lists = [...box.querySelectorAll("select")];
  const typed = box.querySelector("input");
  const text = (node) => node.textContent.trim().replace(/\s+/g, " ");
  const show = () => {
    const wanted = lists.filter((list) => list.selectedIndex > 0);
    const word = typed ? typed.value.trim().toLowerCase() : "";
    let count = 0;
    for (const row of rows) {
      const fits = wanted.every((list) => text(row.cells[list.dataset.column]) === list.options[list.selectedIndex].text);
      row.hidden = !(fits && text(row).toLowerCase().includes(word));
      count += row.hidden ? 0 : 1;
    }
    told.value = count + " / " + rows.length;
  };
  box.addEventListener("input", show);
  box.querySelector("button").addEventListener("click", () => {
    box.reset();
    show();
  });
  box.addEventListener("submit", (event) => event.preventDefault());
  box.hidden = false;
  show();
}
// A link to something folded opens it.
const open = () => {
  const aim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let node = aim; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  if (aim) aim.scrollIntoView();
};
addEventListener("hashchange", open);
if (location.hash) open();
