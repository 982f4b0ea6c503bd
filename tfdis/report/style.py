"""Style and script of the page of `bin/report`: inline, so that the page needs nothing else."""

# Nothing may be fetched, whatever a run is called.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

STYLE = """
:root { color-scheme: light dark; --text: #1c1e21; --muted: #5f6368; --page: #ffffff; --panel: #f5f6f8;
  --line: #d9dce1; --accent: #1f5a99; --warning: #fff4d6; --edge: #d39e00; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --muted: #a3a9b2; --page: #15171a;
  --panel: #1f2226; --line: #3a3f46; --accent: #8ab8ec; --warning: #3a3113; --edge: #b58900; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 110rem; color: var(--text);
  background: var(--page); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
p { margin: .4rem 0; max-width: 60rem; } .muted { color: var(--muted); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: separate; border-spacing: 0; width: 100%;
  font-size: .87rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; text-align: left; vertical-align: top; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
thead th { background: var(--panel); vertical-align: bottom; border-bottom: 2px solid var(--line); }
tbody th { font-weight: 600; } .name { min-width: 4rem; max-width: 22rem; }
td.name { overflow-wrap: anywhere; } td.long { min-width: 15rem; } td.short { white-space: nowrap; }
tbody td:first-child, thead th:first-child { position: sticky; left: 0; z-index: 1; }
tbody td:first-child { background: var(--page); background-clip: padding-box;
  border-right: 1px solid var(--line); }
.settings { min-width: 8rem; } .settings li { white-space: nowrap; }
.settings details { border: 0; margin: 0; padding: 0; } .settings summary { font-weight: 400; }
.settings ul { margin: .2rem 0; padding-left: 1.1rem; color: var(--muted); }
.number { text-align: right; white-space: nowrap; } .best { font-weight: 700; }
.number small { display: block; color: var(--muted); font-weight: 400; }
thead button { all: unset; cursor: pointer; font-weight: 600; }
thead button:hover { color: var(--accent); }
thead button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
thead button::after { content: "\\00a0\\2195"; color: var(--muted); font-weight: 400; }
th[aria-sort=ascending] button::after { content: "\\00a0\\25B2"; color: var(--accent); }
th[aria-sort=descending] button::after { content: "\\00a0\\25BC"; color: var(--accent); }
.warning { background: var(--warning); border-left: 4px solid var(--edge); padding: .6rem 1rem;
  margin: 1rem 0; border-radius: 4px; overflow-wrap: anywhere; }
.warning ul { margin: .2rem 0; padding-left: 1.2rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
figure { margin: .8rem 0; } figcaption { color: var(--muted); font-size: .85rem; }
img { max-width: 100%; height: auto; background: #ffffff; border-radius: 4px; padding: 4px; }
code { font-size: .9em; overflow-wrap: anywhere; }
@media print { .scroll { overflow: visible; } }
"""

# A heading becomes a button: numbers fall at the first click and rise at the second, text rises first;
# cells without a value stay last.
SCRIPT = """
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const before = heading.getAttribute("aria-sort");
      const first = heading.classList.contains("number") ? "descending" : "ascending";
      const other = first === "descending" ? "ascending" : "descending";
      const order = before === first ? other : first;
      for (const each of headings) each.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const value = row => row.cells[column].dataset.value ?? "";
      const rows = [...body.rows].map(row => [value(row), row]);
      rows.sort(([a], [b]) => {
        if (a === "" || b === "") return (a === "") - (b === "");
        const difference = Number(a) - Number(b);
        return sign * (Number.isNaN(difference) ? a.localeCompare(b, "en", {numeric: true}) : difference);
      });
      body.append(...rows.map(([, row]) => row));
    });
  });
}
"""
