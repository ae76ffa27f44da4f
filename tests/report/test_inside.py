"""A figure inside a page: the same drawing in fewer letters."""
from urllib.parse import unquote

from simulator.report.inside import image_address

DRAWN = """<?xml version="1.0"?>
<svg viewBox="0 0 9 9">
 <defs><path id="DejaVu-31" d="M 1.23456 2
L 3 -4.005 z" style="fill: #222222; stroke: none"/><clipPath id="clip"><rect/></clipPath></defs>
 <g id="axes_1" clip-path="url(#clip)"><use xlink:href="#DejaVu-31"/><text>50% &amp; "more"  # id="x"</text></g>
</svg>"""


def test_a_figure_keeps_its_drawing_and_its_references_and_loses_what_nobody_refers_to():
    address = image_address(DRAWN)
    assert address.startswith("data:image/svg+xml,") and '"' not in address and "#" not in address and "<" not in address
    text = unquote(address.removeprefix("data:image/svg+xml,"))
    assert "d='M1.23 2L3 -4z'" in text and "style='fill:#222222;stroke:none'" in text
    assert "clipPath id='_0'" in text and "url(#_0)" in text and "path id='_1'" in text and "href='#_1'" in text
    assert "axes_1" not in text and "DejaVu" not in text and "50% &amp;amp; 'more' # id='x'" in text
