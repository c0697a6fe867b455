"""Readers of other people's file formats: each turns files into arrays, and knows no mathematics."""

from bactrian.formats.tntp import Tntp, read_tntp

__all__ = ["Tntp", "read_tntp"]
