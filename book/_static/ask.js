// Predictions: an answer is given before the measured one is shown. Answers stay in this browser.
for (const form of document.querySelectorAll("form.ask[data-key]")) {
  const { key, right, within } = form.dataset;
  const answer = form.elements.answer, button = form.querySelector("button");
  const said = form.querySelector("[role=status]");
  const choices = [...form.querySelectorAll("input[type=radio]")];
  const words = (value) => {
    const choice = choices.find((one) => one.value === value);
    return choice ? choice.nextElementSibling.textContent.trim() : value.replace("-", "−");
  };
  const mark = (value, text) => {
    const place = choices.find((one) => one.value === value)?.closest("p");
    if (!place) return;
    place.querySelector("b").textContent = text;
    place.classList.toggle("right", text.includes("measured"));
  };
  const show = (value) => {
    const away = within ? Math.abs(value - right) : Number(value !== right);
    const agrees = away <= (within ?? 0) * 1.0001;
    answer.value = value;
    mark(value, "your answer");
    mark(right, agrees ? "your answer, measured" : "measured");
    said.textContent = away
      ? `You said ${words(value)}. Measured: ${words(right)}.${agrees ? " Close." : ""}`
      : `Measured: ${words(right)}, as you said.`;
    form.dataset.state = "answered";
    button.textContent = "Ask again";
    for (const input of form.querySelectorAll("input")) input.disabled = true;
  };
  const ask = () => {
    delete form.dataset.state;
    said.textContent = "";
    button.textContent = "Answer";
    for (const input of form.querySelectorAll("input")) input.disabled = false;
    for (const one of choices) mark(one.value, "");
    form.reset();
  };
  form.addEventListener("submit", () => {
    const value = form.dataset.state ? null : answer.value;
    if (value === null) ask();
    else show(value);
    try {
      if (value === null) localStorage.removeItem(`ask-${key}`);
      else localStorage.setItem(`ask-${key}`, value);
    } catch {} // a browser that keeps nothing
  });
  try {
    const kept = localStorage.getItem(`ask-${key}`);
    if (kept !== null) show(kept);
  } catch {}
}

// Bugs to find: what a line does rightly is said of it; the wrong one unfolds the answer.
for (const form of document.querySelectorAll(".bug form")) {
  form.addEventListener("submit", () => {
    const line = form.querySelector(":checked"), found = line.value === form.dataset.right;
    form.querySelector("[role=status]").textContent = line.dataset.says;
    form.classList.toggle("found", found);
    if (found) form.parentElement.querySelector("details").open = true;
  });
}
