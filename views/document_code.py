"""The link of a document as a QR code for whoever holds it on paper."""

from urllib.parse import urlsplit

import segno


def is_link(address: str) -> bool:
    """Whether an address opens without knowing where the app runs."""
    parts = urlsplit(address)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def qr_svg(address: str) -> str:
    """QR code of an address as SVG; empty for what is no whole address, or longer than such a code holds."""
    if not is_link(address):
        return ""
    try:
        code = segno.make(address, error="m", micro=False)
    except segno.DataOverflowError:
        return ""
    drawn: str = code.svg_inline(border=2, light="#ffffff", dark="#000000", omitsize=True)
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
