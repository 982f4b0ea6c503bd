from .commands import evaluate as evaluate
from .commands import postprocess as postprocess
from .configs import find_config as find_config
from .scoring.metric_needs import NotComputableError as NotComputableError
from .stack.importing import install as install
