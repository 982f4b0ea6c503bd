"""Schedules for weights, capacities and learning rates, by name; they live in `tfdis.objectives`."""

from tfdis.objectives.schedule import (
    CapacitySchedule,
    ConstantSchedule,
    CosineRestartsSchedule,
    CosineSchedule,
    LinearSchedule,
    Schedule,
)

__all__ = [
    "CapacitySchedule",
    "ConstantSchedule",
    "CosineRestartsSchedule",
    "CosineSchedule",
    "LinearSchedule",
    "Schedule",
]
