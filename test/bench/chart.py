"""Bars as SVG, in colours that can be read on light and on dark ground."""
from xml.sax.saxutils import escape

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.small { font-size: 11px; fill: #57606a }
.axis { stroke: #8c959f; stroke-width: 1 }
.mark { stroke: #24292f; stroke-width: 2; stroke-dasharray: 3 2 }
.lintel { fill: #0969da } .nginx { fill: #2da44e } .haproxy { fill: #bf8700 } .relay { fill: #afb8c1 } .other { fill: #8250df }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 } .axis { stroke: #656c76 } .mark { stroke: #e6edf3 }
  .lintel { fill: #4493f8 } .nginx { fill: #3fb950 } .haproxy { fill: #d29922 } .relay { fill: #656c76 } .other { fill: #ab7df8 }
}"""
COLOURED = ("lintel", "nginx", "haproxy", "relay")
LABEL_WIDTH, PLOT_WIDTH, VALUE_WIDTH = 130, 480, 110
TOP, BAR, GAP, GROUP_GAP = 44, 16, 3, 14


def bars(title, groups, unit="", marks=None, reference=None):
    """groups: {label: {name: value}}; marks: {label: a value the group is held to}; reference: a line through all."""
    marks = marks or {}
    largest = max([value for group in groups.values() for value in group.values()] + list(marks.values()) + [reference or 0])
    scale = PLOT_WIDTH / (largest * 1.02)
    lines, y = [f'<text x="0" y="16" font-weight="600">{escape(title)}</text>', *legend(groups)], TOP
    for label, group in groups.items():
        height = len(group) * (BAR + GAP) - GAP
        lines.append(f'<text x="{LABEL_WIDTH - 8}" y="{y + height / 2 + 5:.0f}" text-anchor="end">{escape(label)}</text>')
        for number, (name, value) in enumerate(group.items()):
            top = y + number * (BAR + GAP)
            colour = name.split("-")[0] if name.split("-")[0] in COLOURED else "other"
            lines.append(f'<rect class="{colour}" x="{LABEL_WIDTH}" y="{top}" width="{value * scale:.1f}" height="{BAR}" rx="2"/>')
            lines.append(f'<text class="small" x="{LABEL_WIDTH + value * scale + 5:.1f}" y="{top + 12}">{value:.2f}{unit}</text>')
        if label in marks:
            lines.append(vertical("mark", marks[label] * scale, y - 3, y + height + 3))
        y += height + GROUP_GAP
    if reference is not None:
        lines.append(vertical("axis", reference * scale, TOP - 6, y - GROUP_GAP + 6))
    lines.append(vertical("axis", 0, TOP - 6, y - GROUP_GAP + 6))
    width = LABEL_WIDTH + PLOT_WIDTH + VALUE_WIDTH
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" role="img">'
            f"<title>{escape(title)}</title><style>{STYLE}</style>\n" + "\n".join(lines) + "\n</svg>\n")


def vertical(kind, x, top, bottom):
    x += LABEL_WIDTH
    return f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>'


def legend(groups):
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    if len(names) < 2:
        return []
    lines, x = [], LABEL_WIDTH
    for name in names:
        colour = name.split("-")[0] if name.split("-")[0] in COLOURED else "other"
        lines.append(f'<rect class="{colour}" x="{x}" y="24" width="10" height="10" rx="2"/>'
                     f'<text class="small" x="{x + 14}" y="33">{escape(name)}</text>')
        x += 14 + 7 * len(name) + 24
    return lines
