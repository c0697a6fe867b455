"""The studio: see a corridor, change it and ask of it, in a browser. It shows what the other rooms return."""

__all__: list[str] = []
