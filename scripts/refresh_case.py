"""Write again what the built-in case folders derive from their tables and the schema. Run it after editing either."""

from importlib.resources import as_file, files

from bactrian.case import BUILT_IN, load
from bactrian.case.package import write_descriptor
from bactrian.case.readme import with_quality_table

if __name__ == "__main__":
    for name in BUILT_IN:
        with as_file(files("bactrian") / "cases" / name) as folder:
            write_descriptor(folder, name)
            readme = folder / "README.md"
            readme.write_text(with_quality_table(readme.read_text(encoding="utf-8"), load(name)), encoding="utf-8")
