/* What the theme leaves undone for people who use a keyboard, a narrow window or a printer. Without scripts the pages
   still read and print; the menu is then a list that is always open, and there is no search. */
(() => {
  // The theme takes single letters as shortcuts, with no way to switch that off (WCAG 2.1.4).
  addEventListener("keydown", event => {
    const plain = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey
    if (plain && !event.target.closest?.("input, textarea, select")) event.stopImmediatePropagation()
  }, true)

  // Menu and search in a narrow window: real buttons, focus goes in and comes back.
  for (const button of document.querySelectorAll("[data-cp-toggle]")) {
    const box = document.getElementById(button.dataset.cpToggle)
    const area = document.getElementById(button.getAttribute("aria-controls"))
    const close = () => { if (box.checked) box.click() }
    button.addEventListener("click", () => box.click())
    box.addEventListener("change", () => {
      button.setAttribute("aria-expanded", box.checked)
      const at = document.activeElement
      if (box.checked) area.querySelector("input, a, summary").focus()
      else if (area.contains(at) || at === document.body) button.focus()
    })
    area.addEventListener("keydown", event => { if (event.key === "Escape") close() })
    area.addEventListener("focusout", event => {
      const to = event.relatedTarget
      if (to && to !== button && !area.contains(to)) close()
    })
  }

  // The theme searches when a key is let go; text that is spoken or pasted has no key.
  const query = document.querySelector(".md-search__input")
  query.addEventListener("input", () => query.dispatchEvent(new KeyboardEvent("keyup")))

  // A table wider than the window scrolls by itself, and by keyboard too. The class keeps the theme's own wrapper away.
  for (const table of document.querySelectorAll(".md-content table")) {
    const wrap = document.createElement("div")
    const headings = [...document.querySelectorAll(".md-content :is(h1, h2, h3)")]
    const above = headings.filter(h => h.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING).pop()
    wrap.className = "cp-scroll"
    table.classList.add("cp-table")
    table.replaceWith(wrap)
    wrap.append(table)
    new ResizeObserver(() => {
      const names = { role: "group", tabindex: 0, "aria-label": `Table: ${above?.textContent ?? document.title}` }
      const wide = wrap.scrollWidth > wrap.clientWidth
      for (const [name, value] of Object.entries(names))
        wide ? wrap.setAttribute(name, value) : wrap.removeAttribute(name)
    }).observe(wrap)
  }

  // Paper is white, and nothing on it can be opened.
  let scheme
  const folded = () => document.querySelectorAll(".md-content details:not([open])")
  addEventListener("beforeprint", () => {
    scheme = document.body.dataset.mdColorScheme
    document.body.dataset.mdColorScheme = "default"
    folded().forEach(part => part.open = part.dataset.cpOpened = true)
  })
  addEventListener("afterprint", () => {
    document.body.dataset.mdColorScheme = scheme
    document.querySelectorAll("[data-cp-opened]").forEach(part => { part.open = false; delete part.dataset.cpOpened })
  })
})()
