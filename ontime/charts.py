"""Charts as files: a picture, or a page that holds it and needs nothing else."""

from __future__ import annotations

from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ontime.errors import OntimeError
from ontime.files import replace_durably

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURE: Final = ".png"
PAGE: Final = ".html"
DOTS_PER_INCH: Final = 120
STYLE: Final = "body { margin: 2rem; font-family: sans-serif } svg { max-width: 100%; height: auto }"


def verify_chart_file(path: Path) -> None:
    """Refuse what no chart can be written to, before anything is computed for it.

    Raises:
        OntimeError: The name ends in neither .png nor .html, or the folder does not exist.
    """
    if path.suffix not in {PICTURE, PAGE}:
        raise OntimeError(f"{path} is neither a picture nor a page", remedy="let its name end in .png or .html")
    if not path.parent.is_dir():
        raise OntimeError(f"{path.parent} is no folder", remedy="make it, or name another file")


def write_chart(figure: Figure, path: Path, title: str) -> None:
    """Write a chart, whole or not at all.

    Args:
        figure: The chart.
        path: A .png, or a .html that holds it as SVG.
        title: Of the page, and for who cannot see the picture.

    Raises:
        OntimeError: It cannot be written.
    """
    unfinished = path.with_name(f"{path.name}.new")
    try:
        if path.suffix == PICTURE:
            figure.savefig(unfinished, format="png", dpi=DOTS_PER_INCH)
        else:
            unfinished.write_text(_page(figure, title), encoding="utf-8")
        replace_durably(unfinished, path)
    except OSError as error:
        raise OntimeError(f"cannot be written ({error.strerror})", where=path) from None
    finally:
        unfinished.unlink(missing_ok=True)


def _page(figure: Figure, title: str) -> str:
    import matplotlib as mpl  # noqa: PLC0415 - takes long to import

    drawn = StringIO()
    # text stays text, and the same chart is the same file
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ontime"}):
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    svg = drawn.getvalue()
    svg = svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{escape(title)}"', 1)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n<h1>{escape(title)}</h1>\n{svg}</html>\n"
    )
