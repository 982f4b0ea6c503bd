"""Every metric of this room, by name. A gin file says `import tfdis.evaluation.metrics` to have them."""

from tfdis.evaluation.dci_es import dci_es
from tfdis.evaluation.dci_forest import dci_forest
from tfdis.evaluation.dci_lasso import dci_lasso
from tfdis.evaluation.dci_mlp import dci_mlp
from tfdis.evaluation.infomec import infomec
from tfdis.evaluation.mcc import mcc
from tfdis.evaluation.mig_sup import mig_sup
from tfdis.evaluation.r2 import r2

__all__ = ["dci_es", "dci_forest", "dci_lasso", "dci_mlp", "infomec", "mcc", "mig_sup", "r2"]
