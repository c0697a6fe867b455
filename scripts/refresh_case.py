"""Write again what a built-in case folder derives from its tables and their schema. Run it after editing either."""

from importlib.resources import as_file, files

from bactrian.case.package import write_descriptor

NAME = "transcaspian"

if __name__ == "__main__":
    with as_file(files("bactrian") / "cases" / NAME) as folder:
        write_descriptor(folder, NAME)
