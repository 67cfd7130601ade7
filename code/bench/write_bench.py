"""How long from Run to the path, for a reader who writes Adam on its page? After ``make book``.

    make bench

The first Run loads Python. Times are the browser's own clock, the median of several visits. The
exit code is 1 if a bar is missed.
"""

import sys
from pathlib import Path
from runpy import run_path
from statistics import median

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
VISITS, LATER = 5, 5
BARS = {"first Run": 1500, "later Run, 100 steps": 300}
LINES = """\
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x = x - alpha * m_hat / (np.sqrt(v_hat) + eps)
"""

RUN = """async (box, source) => {
    const run = box.querySelector("button");
    box.querySelector("textarea").value = source;
    const start = performance.now();
    run.click();
    while (run.hasAttribute("aria-disabled")) await new Promise((done) => setTimeout(done, 1));
    return performance.now() - start;
}"""


def main():
    course = run_path(str(ROOT / "code/tests/course.py"))
    times = {name: [] for name in BARS}
    with course["serve"](course["SITE"]) as address, sync_playwright() as playwright:
        path = run_path(str(ROOT / "code/tools/chromium.py"))["installed"]()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for _ in range(VISITS):
            page = browser.new_context().new_page()
            page.goto(f"{address}book/adam/derivation.html")
            page.wait_for_selector('#fig-adam-yours[data-state="ready"]')
            page.wait_for_timeout(1000)
            box = page.locator(".descent-write[data-write*='\"adam\"']")
            skeleton = box.locator("textarea").input_value()
            source = skeleton.replace("        # your lines\n", LINES)
            times["first Run"].append(box.evaluate(RUN, source))
            for k in range(LATER):
                times["later Run, 100 steps"].append(box.evaluate(RUN, f"{source}# {k}\n"))
            page.context.close()
        browser.close()
    missed = False
    for name, each in times.items():
        missed |= median(each) > BARS[name]
        print(f"{name:24}{median(each):8.0f} ms, at least {min(each):.0f}, bar {BARS[name]} ms")
    if missed:
        sys.exit("A bar is missed.")


if __name__ == "__main__":
    main()
