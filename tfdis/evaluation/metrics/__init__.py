"""Metrics of codes against factors, one in each file. Gin files import this package for all of them."""

from tfdis import registry

registry.load(__name__)
