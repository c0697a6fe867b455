"""Jobs (a first stand-in)."""


class Desk:
    def __init__(self, store, most):
        self.store = store

    def close(self):
        pass
