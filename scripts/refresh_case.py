"""Write again what a built-in case folder derives from its tables and their schema. Run it after editing either."""

from importlib.resources import as_file, files

from bactrian.case import load
from bactrian.case.package import write_descriptor
from bactrian.case.readme import with_quality_table

NAME = "transcaspian"

if __name__ == "__main__":
    with as_file(files("bactrian") / "cases" / NAME) as folder:
        write_descriptor(folder, NAME)
        readme = folder / "README.md"
        readme.write_text(with_quality_table(readme.read_text(encoding="utf-8"), load(NAME)), encoding="utf-8")
