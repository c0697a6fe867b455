"""How Sphinx builds the site, by `make docs`.

The source is the whole repository, so that links between pages are those between files.
"""

import re
import sys
from importlib.metadata import version as version_of
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

sys.path.insert(0, str(Path(__file__).parent))
from reference_pages import write_reference

project = "Bactrian"
author = "the Bactrian authors"
project_copyright = "the Bactrian authors"
release = version = version_of("bactrian")
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "src/bactrian/cases/*/README.md",
]
exclude_patterns = ["docs/conf.py", "docs/reference_pages.py", "**/.ipynb_checkpoints"]
extensions = ["sphinx.ext.autodoc", "myst_nb"]

# text
default_role = "code"  # docstrings write `name`
myst_heading_anchors = 4
myst_enable_extensions = ["dollarmath"]
html_math_renderer = "mathml"  # what browsers draw by themselves, so that no script is fetched
nb_execution_mode = "cache"  # a notebook runs again when it has changed
nb_execution_raise_on_error = True
nb_execution_timeout = 300

# names
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "undoc-members": False, "inherited-members": False}
python_use_unqualified_type_names = True
add_module_names = False
nitpicky = False

# page
html_theme = "furo"
html_title = f"Bactrian {release}"
html_static_path = []
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
templates_path = []

MAY_LACK = ("studio",)  # pages of the navigation that need not be there
_DOCTEST = (">>>", "...")
_START = """<!doctype html><meta charset="utf-8"><title>Bactrian</title>
<meta http-equiv="refresh" content="0; url=docs/index.html"><a href="docs/index.html">Bactrian</a>
"""


def _start_page(app: Sphinx, failure: Exception | None) -> None:
    if failure is None:
        (Path(app.outdir) / "index.html").write_text(_START, encoding="utf-8")


def _inline_math(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block_math(writer: HTML5Translator, node: nodes.math_block) -> None:
    writer.body.append(convert(node.astext(), display="block"))
    raise nodes.SkipNode


def _without_absent_pages(app: Sphinx, name: str, source: list[str]) -> None:
    if name == root_doc:
        absent = {page for page in MAY_LACK if not (Path(app.confdir) / f"{page}.md").exists()}
        source[0] = "\n".join(line for line in source[0].splitlines() if line not in absent)


def _escape_bars(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Docstrings write |x| for an absolute value, which is a substitution to Sphinx."""
    example = False
    for number, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(_DOCTEST))
        if not example:
            lines[number] = re.sub(r"(`[^`]*`)|\|", lambda found: found[1] or r"\|", line)


def setup(app: Sphinx) -> None:
    """Write the reference before pages are read, and a start page that leads to the first one."""
    app.add_html_math_renderer("mathml", (_inline_math, None), (_block_math, None))
    app.connect("builder-inited", lambda app: write_reference(Path(app.confdir) / "reference"))
    app.connect("source-read", _without_absent_pages)
    app.connect("autodoc-process-docstring", _escape_bars)
    app.connect("build-finished", _start_page)
