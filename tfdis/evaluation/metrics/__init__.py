"""Metrics of codes against factors, one a file. Gin files import this package to have them all."""

from tfdis import registry

registry.load(__name__)
