"""Long work in blocks: made here, in processes or on a cluster, kept as they come, gone on with when stopped."""

from bactrian.blocks.kept import Kept, noting
from bactrian.blocks.workers import Task, blocks_of, make

__all__ = ["Kept", "Task", "blocks_of", "make", "noting"]
