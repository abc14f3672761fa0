"""Whether a machine is ready: one line per thing that was looked at, with what to do where it is not well."""

from pipelines.setup.doctor.line import FAULT, OK, WARNING, Line, Machine, fault, ok, warning
from pipelines.setup.doctor.look import look

__all__ = ["FAULT", "OK", "WARNING", "Line", "Machine", "fault", "look", "ok", "warning"]
