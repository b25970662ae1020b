"use strict";
// Filters of the call lists. Without scripts the whole list shows.
for (const form of document.querySelectorAll("form.filters")) {
  const leads = [...form.parentElement.querySelectorAll("table.calls > tbody > tr")];
  const words = new Map(leads.map((lead) => [lead, lead.textContent.toLowerCase()]));
  const told = form.querySelector("output");
  const show = () => {
    const chosen = [...new FormData(form)].filter(([, value]) => value.trim());
    let shown = 0;
    for (const lead of leads) {
      lead.hidden = !chosen.every(([name, value]) => name === "search" ? words.get(lead).includes(value.trim().toLowerCase()) : lead.getAttribute("data-" + name) === value);
      shown += !lead.hidden;
    }
    told.textContent = chosen.length ? `${shown} of ${leads.length} leads` : `${leads.length} leads`;
  };
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
}
