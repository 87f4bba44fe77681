"""What AWS refuses before it does anything: the calls of CloudFormation's handlers, and those over the wire, held against
AWS's own service models (shapes.py, models.py) and against what only its pages say (documented.py, entries.py)."""

from .check import calls, hold, hold_call
from .handlers import HANDLERS, Call, Handler, It, Wanted

__all__ = ["HANDLERS", "Call", "Handler", "It", "Wanted", "calls", "hold", "hold_call"]
