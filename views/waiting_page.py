"""The page of a full server: it says so, asks again by itself, and brings all it needs.

It is served while Streamlit must not be asked for more, so nothing of it comes from Streamlit: one file with its own
styles and one script, which asks for the very same address with growing pauses and reloads when there is a place.
Without script the browser asks again every twenty seconds.
"""

import html
from functools import lru_cache

from views.frame import HTML_LANGUAGE
from views.tokens import tokens
from views.words import Language, words

_STYLE = """
:root { color-scheme: light dark; LIGHT }
@media (prefers-color-scheme: dark) { :root { DARK } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--panel);
  color: var(--text); font: 16px/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif; }
main { width: 100%; max-width: 30rem; padding: 32px; background: var(--page); border: 1px solid var(--line);
  border-radius: 6px; }
h1 { margin: 0 0 12px; font-size: 1.4rem; line-height: 1.35; }
p { margin: 0 0 12px; }
.app { color: var(--muted); font-size: .9rem; }
[role=status] { color: var(--muted); min-height: 1.6em; }
button { font: inherit; padding: 10px 20px; min-height: 44px; border: 0; border-radius: 6px; cursor: pointer;
  background: var(--accent); color: var(--page); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
"""
# pauses grow from 3 to 30 s and differ from browser to browser, so that those who wait do not all ask at once
_SCRIPT = """
(() => {
  const said = document.querySelector('[role=status]'), button = document.querySelector('button');
  let pause = 3, left = 0;
  const rest = () => { left = Math.round(pause * (.75 + Math.random() / 2)); pause = Math.min(30, pause * 1.5); };
  const tell = () => { said.textContent = said.dataset.next.replace('SECONDS', left); };
  const ask = async () => {
    said.textContent = said.dataset.asking;
    let full = true;
    try { full = (await fetch(location.href, { method: 'HEAD', cache: 'no-store' })).status >= 500; } catch (e) { }
    if (full) { rest(); tell(); } else { left = Infinity; location.reload(); }
  };
  rest(); tell();
  button.hidden = false;
  button.addEventListener('click', () => { left = 0; ask(); });
  setInterval(() => { if (left > 1) { left -= 1; if (left < Infinity) { tell(); } } else if (left === 1) {
    left = 0; ask(); } }, 1000);
})();
"""


@lru_cache(maxsize=2)
def waiting_page(language: Language) -> str:
    """The page in a language."""
    t = words(language)
    told = {name: html.escape(t(f"waiting.{name}")) for name in ("title", "lead", "stays", "again", "asking")}
    following = html.escape(t("waiting.next", seconds="SECONDS"))
    return (
        f'<!DOCTYPE html>\n<html lang="{HTML_LANGUAGE[language]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<noscript><meta http-equiv="refresh" content="20"></noscript>'
        f"<title>{told['title']}</title><style>{_style()}</style></head><body><main>"
        f'<p class="app">{html.escape(t("app.title"))}</p><h1>{told["title"]}</h1>'
        f"<p>{told['lead']}</p><p>{told['stays']}</p>"
        f'<p role="status" data-next="{following}" data-asking="{told["asking"]}"></p>'
        f'<button type="button" hidden>{told["again"]}</button></main><script>{_SCRIPT}</script></body></html>\n'
    )


def _style() -> str:
    light, dark = (
        "".join(f"--{name}:{colour};" for name, colour in tokens(theme).palette.css_variables().items())
        + f"--panel:{tokens(theme).panel};"
        for theme in ("light", "dark")
    )
    return _STYLE.replace("LIGHT", light).replace("DARK", dark)
